using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Commands;
using VectorDb.ServiceDefaults;

if (WorkerCommandLine.Takes(args))
    return await WorkerCommandLine.RunAsync(args);

var builder = WebApplication.CreateBuilder(args);
var options = builder.AddServiceDefaults();
builder.AddVectorDbBus(bus => bus.AddIngestConsumers());
builder.AddIngestRole(options);

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
return 0;
