using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddVectorDbBus(bus => bus.AddQueryConsumers());
builder.AddQueryRole();

var app = builder.Build();
app.MapQueryApi();
app.MapDefaultEndpoints();
app.Run();
