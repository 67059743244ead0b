using VectorDb.IngestWorker;
using VectorDb.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
var options = builder.AddServiceDefaults();
builder.AddVectorDbBus(bus => bus.AddIngestConsumers());
builder.AddIngestRole(options);

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
