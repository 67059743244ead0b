using VectorDb.IngestWorker.Commands;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class PaceTests
{
    [Fact]
    public void SteadyGrowth_GivesRateAndTimeLeft()
    {
        var clock = new SteppedClock();
        var pace = new Pace(clock);
        for (var second = 0; second <= 5; second++, clock.Step(1))
            pace.Add(second * 100);
        Assert.Equal(100, pace.PerSecond, 6);
        Assert.Equal(TimeSpan.FromSeconds(5), pace.TimeTo(1000));
    }

    [Fact]
    public void OldGrowth_IsForgotten()
    {
        var clock = new SteppedClock();
        var pace = new Pace(clock);
        pace.Add(0);
        clock.Step(1);
        for (var second = 0; second <= 15; second++, clock.Step(1))
            pace.Add(100_000 + second * 10);
        Assert.Equal(10, pace.PerSecond, 6);
    }

    [Fact]
    public void WithoutGrowth_TheTimeLeftIsUnknown()
    {
        var clock = new SteppedClock();
        var pace = new Pace(clock);
        Assert.Null(pace.TimeTo(10));
        pace.Add(5);
        clock.Step(2);
        pace.Add(5);
        Assert.Null(pace.TimeTo(10));
    }

    sealed class SteppedClock : TimeProvider
    {
        long _seconds;

        public override long TimestampFrequency => 1;

        public void Step(long seconds) => _seconds += seconds;

        public override long GetTimestamp() => _seconds;
    }
}
