using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;
using VectorDb.ShardWorker.Endpoints;

const int FirstPort = 8001;

var builder = WebApplication.CreateBuilder(args);
var options = builder.AddServiceDefaults();
builder.Services.AddProblemResponses();
builder.AddVectorDbBus(bus => bus.AddShardConsumers());
builder.AddShardRole(new ShardPorts(FirstPort));
builder.WebHost.UseUrls([.. options.ShardsToOpen().Select(shard => $"http://*:{FirstPort + shard}")]);

var app = builder.Build();
app.UseProblemResponses();
app.UseSlashesInPaths();
foreach (var shard in options.ShardsToOpen())
    app.MapShardPort(shard, FirstPort + shard);
app.MapDefaultEndpoints();
app.Run();
