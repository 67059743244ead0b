using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

const int DefaultPort = 9000;

var builder = StandAlone.CreateBuilder(args);
builder.ListenByDefault(DefaultPort);
builder.AddServiceDefaults();
builder.AddVectorDbBus(bus => bus.AddQueryConsumers());
builder.AddQueryRole();

var app = builder.Build();
app.MapQueryApi();
app.MapDefaultEndpoints();
await app.RunInTimeAsync();
