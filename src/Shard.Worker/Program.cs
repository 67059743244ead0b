using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;
using VectorDb.ShardWorker.Endpoints;

var builder = StandAlone.CreateBuilder(args);
var options = builder.AddServiceDefaults();
builder.Services.AddProblemResponses();
builder.AddVectorDbBus(bus => bus.AddShardConsumers());
builder.AddShardRole(new ShardPorts(options.FirstShardPort, options.AdvertisedHost));
builder.ListenAlso(options.ShardsToOpen().Select(shard => $"http://*:{options.FirstShardPort + shard}"));

var app = builder.Build();
app.UseProblemResponses();
app.UseSlashesInPaths();
foreach (var shard in options.ShardsToOpen())
    app.MapShardPort(shard, options.FirstShardPort + shard);
app.MapDefaultEndpoints();
await app.RunInTimeAsync();
