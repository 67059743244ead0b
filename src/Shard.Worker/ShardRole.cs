using MassTransit;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Consumers;
using VectorDb.ShardWorker.Homes;
using VectorDb.ShardWorker.Migration;
using VectorDb.ShardWorker.Replication;
using VectorDb.ShardWorker.Sketching;

namespace VectorDb.ShardWorker;

/// <summary>The role that owns shards: stores, searches, answers.</summary>
public static class ShardRole
{
    /// <summary>
    /// Call after the bus was added: the shards' queues are connected when the bus runs. `ports`: where shards listen on ports of
    /// their own.
    /// </summary>
    public static IHostApplicationBuilder AddShardRole(this IHostApplicationBuilder builder, ShardPorts? ports = null)
    {
        builder.Services
            .AddSingleton(ports ?? new ShardPorts(null))
            .AddSingleton<ShardSet>()
            .AddSingleton<ShardUrls>()
            .AddSingleton<CollectionBook>()
            .AddSingleton<PinnedStore>()
            .AddSingleton<CollectionWatch>()
            .AddSingleton<MigrationProgress>()
            .AddSingleton<ProcessStart>()
            .AddSingleton<MoveSender>()
            .AddSingleton<ShardEndpoints>()
            .AddSingleton<ShardSearcher>()
            .AddHostedService(services => services.GetRequiredService<ShardEndpoints>())
            .AddHostedService<CollectionEvents>()
            .AddHostedService<ShardMetrics>()
            .AddSingleton<ReplicaLives>()
            .AddHostedService(services => services.GetRequiredService<ReplicaLives>())
            .AddHostedService<ShardAnnouncer>()
            .AddSingleton<Settler>()
            .AddHostedService(services => services.GetRequiredService<Settler>())
            .AddHostedService<Migrator>()
            .AddSingleton<HandOver>()
            .AddSingleton<Departure>()
            .AddSingleton<StepWork>()
            .AddSingleton<ElasticShards>()
            .AddHostedService<HomeMover>()
            .AddHostedService<Sketcher>();
        return builder;
    }

    public static void AddShardConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddRoleConsumer<UpsertPointsConsumer>();
        bus.AddRoleConsumer<EvictPointsConsumer>();
        bus.AddRoleConsumer<ClaimIdsConsumer>();
        bus.AddRoleConsumer<ReleasePlacesConsumer>();
        bus.AddRoleConsumer<DeletePointsConsumer>();
        bus.AddRoleConsumer<RecordRejectionsConsumer>();
        bus.AddRoleConsumer<SearchShardConsumer>();
        bus.AddRoleConsumer<GetPointConsumer>();
        bus.AddRoleConsumer<ReadPointConsumer>();
        bus.AddRoleConsumer<DescribeShardConsumer>();
        bus.AddRoleConsumer<DescribeOperationConsumer>();
        bus.AddRoleConsumer<DefineCollectionConsumer>();
        bus.AddRoleConsumer<GetCollectionConsumer>();
        bus.AddRoleConsumer<SetCentroidsConsumer>();
        bus.AddRoleConsumer<ShardMigratedConsumer>();
        bus.AddRoleConsumer<ChangeShardCountConsumer>();
        bus.AddRoleConsumer<ChangeStepFinishedConsumer>();
        bus.AddRoleConsumer<TakeOverHomesConsumer>();
        bus.AddRoleConsumer<SampleVectorsConsumer>();
        bus.AddRoleConsumer<FindScoresConsumer>();
        bus.AddRoleConsumer<CollectionChangedConsumer>();
        bus.AddRoleConsumer<RouterAnnouncedConsumer>();
        bus.AddReplicaConsumers();
    }

    static void AddReplicaConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddRoleConsumer<DirectoryLoggedConsumer>();
        bus.AddRoleConsumer<LogBarrierConsumer>();
        bus.AddRoleConsumer<LogAppliedConsumer>();
        bus.AddRoleConsumer<PassBarrierConsumer>();
        bus.AddRoleConsumer<JoinReplicaConsumer>();
        bus.AddRoleConsumer<ShardAnnouncedConsumer>();
        bus.AddRoleConsumer<BeginCopyConsumer>();
        bus.AddRoleConsumer<CopyPageConsumer>();
    }
}
