using VectorDb.Contracts;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.Roles.Tests;

/// <summary>A replica stops answering before the others go on without it.</summary>
public sealed class ReplicaSilenceTests
{
    readonly ManualClock _clock = new();
    readonly Guid _life = Guid.NewGuid();
    readonly ReplicaPeers _peers = new(self: 0);

    [Fact]
    public void Silence_IsCountedInOwnAnnouncements()
    {
        _peers.Note(Announced(1), _life);
        Own(6);
        Assert.False(_peers.IsSilent(1));
        Assert.Single(_peers.Present);
        Own(1);
        Assert.True(_peers.IsSilent(1));
        Assert.Empty(_peers.Present);
        _peers.Hear(1);
        Assert.False(_peers.IsSilent(1));
    }

    [Fact]
    public void AReplicaThatOnlyCatchesUp_IsPresentAndDoesNotTakePart()
    {
        for (var i = 0; i < 7; i++)
        {
            Own(1);
            _peers.Note(Announced(1) with { State = ReplicaStates.CatchingUp }, _life);
        }
        Assert.True(_peers.IsSilent(1));
        Assert.Single(_peers.Present);
    }

    [Fact]
    public void AReplicaThatSaysNothing_IsGone()
    {
        _peers.Note(Announced(1), _life);
        for (var i = 0; i < 7; i++)
        {
            Assert.False(_peers.IsGone(1));
            Own(1);
        }
        Assert.True(_peers.IsGone(1));
        _peers.Note(Announced(1) with { State = ReplicaStates.Waiting }, _life);
        Assert.False(_peers.IsGone(1));
    }

    [Fact]
    public void OneNeverHeardOf_AndAnEarlierLife()
    {
        for (var i = 0; i < 9; i++)
            _peers.Note(Announced(0) with { Life = Guid.NewGuid() }, _life);
        Assert.False(_peers.IsSilent(1));
        Own(7);
        Assert.True(_peers.IsSilent(1));
    }

    [Fact]
    public void ALeaseThatLapsed_DoesNotComeBack()
    {
        var lease = new ReplicaLease(_clock);
        Assert.False(lease.Holds);
        for (var i = 0; i < 5; i++)
        {
            lease.Renew(_clock.GetTimestamp());
            _clock.Advance(TimeSpan.FromSeconds(4.9));
            Assert.True(lease.Holds);
        }
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(lease.Holds);
        lease.Renew(_clock.GetTimestamp());
        Assert.False(lease.Holds);
    }

    [Fact]
    public void AnAnnouncementThatTookLong_CountsFromItsBeginning()
    {
        var lease = new ReplicaLease(_clock);
        var begun = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(3));
        lease.Renew(begun);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(lease.Holds);
    }

    void Own(int times)
    {
        for (var i = 0; i < times; i++)
            _peers.Note(Announced(0) with { Life = _life }, _life);
    }

    static ShardAnnounced Announced(int replica) => new() { Shard = 0, ShardCount = 1, Replica = replica, Replicas = 2 };
}
