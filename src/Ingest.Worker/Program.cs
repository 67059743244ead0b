using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Commands;
using VectorDb.ServiceDefaults;

const int DefaultPort = 9100;

if (WorkerCommandLine.Takes(args))
    return await WorkerCommandLine.RunAsync(args);

var builder = StandAlone.CreateBuilder(args);
builder.ListenByDefault(DefaultPort);
var options = builder.AddServiceDefaults();
builder.AddVectorDbBus(bus => bus.AddIngestConsumers());
builder.AddIngestRole(options);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunInTimeAsync();
return Environment.ExitCode;
