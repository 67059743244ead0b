using VectorDb.IngestWorker;
using VectorDb.ServiceDefaults;

const int DefaultPort = 9100;

var builder = StandAlone.CreateBuilder(args);
builder.ListenByDefault(DefaultPort);
var options = builder.AddServiceDefaults();
builder.AddVectorDbBus(bus => bus.AddIngestConsumers());
builder.AddIngestRole(options);

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
