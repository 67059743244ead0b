using VectorDb.Contracts;
using VectorDb.ShardWorker.Homes;

namespace VectorDb.Roles.Tests;

/// <summary>
/// The keeper begins a step when all shards have adopted the one before, so at any moment some have the one and some the other: over all
/// pairs of numbers, all steps and all such mixtures.
/// </summary>
public sealed class HomeRuleTests
{
    const int CountMax = 8;
    const int Ids = 150;

    static readonly int[] Steps = [ShardChangeSteps.HandingOver, ShardChangeSteps.PassingOn, ShardChangeSteps.Moving];

    public static TheoryData<int, int> Changes() =>
    [
        .. from before in Enumerable.Range(1, CountMax)
           from after in Enumerable.Range(1, CountMax)
           where before != after
           select (before, after)
    ];

    [Theory]
    [MemberData(nameof(Changes))]
    public void AtMostOneShardDecidesAnId_AndIdsThatStayAreAlwaysDecided(int before, int after)
    {
        foreach (var (earlier, later) in Pairs(before, after))
            for (var i = 0; i < Ids; i++)
            {
                var id = IdOf(i);
                var (old, @new) = (Home.Of(id, before), Home.Of(id, after));
                if (old == @new)
                {
                    Assert.True(earlier.Decides(id, old) && later.Decides(id, old));
                    continue;
                }
                // The old home and the new one may be at the one step or the other; nobody else is ever asked for a version.
                foreach (var (atOld, atNew) in Mixtures(earlier, later))
                    Assert.False(atOld.Decides(id, old) && atNew.Decides(id, @new), $"{atOld} and {atNew}: both decide {i}");
                foreach (var shard in Enumerable.Range(0, CountMax).Where(shard => shard != old && shard != @new))
                    Assert.False(earlier.Decides(id, shard) || later.Decides(id, shard));
            }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void WhoeverIsAsked_TheQuestionEndsAtAHomeThatKnows(int before, int after)
    {
        foreach (var (earlier, later) in Pairs(before, after))
            for (var i = 0; i < Ids; i++)
            {
                var id = IdOf(i);
                var (old, @new) = (Home.Of(id, before), Home.Of(id, after));
                foreach (var (atOld, atNew) in Mixtures(earlier, later))
                    // An API knows the new number only when all shards pass on.
                    foreach (var first in later.Step == ShardChangeSteps.Moving ? new[] { old, @new } : [old])
                    {
                        var hops = 0;
                        var shard = first;
                        for (; (shard == old ? atOld : atNew).Asked(id, shard) is var next && next != shard; shard = next)
                            Assert.True(++hops < 2, $"{atOld}, {atNew}: {i} goes round");
                        var isCopied = later.Step > ShardChangeSteps.HandingOver;
                        Assert.True(shard == old || (shard == @new && isCopied), $"{atOld}, {atNew}: {i} ends at {shard}");
                        if (atNew.Decides(id, @new) && old != @new)
                            Assert.Equal(@new, shard);
                    }

            }
    }

    [Fact]
    public void BeforeTheFirstChange_WhoeverAsksIsRight()
    {
        Assert.True(HomeRule.Any.Decides(IdOf(1), 7));
        Assert.Equal(7, HomeRule.Any.Asked(IdOf(1), 7));
        Assert.True(HomeRule.Any.IsBefore(RuleOf(4, 5, ShardChangeSteps.HandingOver)));
    }

    [Fact]
    public void Rules_AreInTheOrderOfChangesAndSteps()
    {
        var rules = Steps.Select(step => RuleOf(4, 6, step)).Append(RuleOf(6, 3, ShardChangeSteps.HandingOver, number: 10)).ToList();
        foreach (var (first, second) in rules.Zip(rules.Skip(1)))
        {
            Assert.True(first.IsBefore(second));
            Assert.False(second.IsBefore(first));
        }
        Assert.False(rules[0].IsBefore(rules[0]));
    }

    /// <summary>Two rules that shards may have at one moment.</summary>
    static IEnumerable<(HomeRule Earlier, HomeRule Later)> Pairs(int before, int after)
    {
        // What the change before left.
        yield return (RuleOf(CountMax, before, ShardChangeSteps.Moving, number: 1), RuleOf(before, after, ShardChangeSteps.HandingOver));
        foreach (var (step, next) in Steps.Zip(Steps.Skip(1)))
            yield return (RuleOf(before, after, step), RuleOf(before, after, next));
    }

    static (HomeRule AtOld, HomeRule AtNew)[] Mixtures(HomeRule earlier, HomeRule later) =>
        [(earlier, earlier), (earlier, later), (later, earlier), (later, later)];

    static HomeRule RuleOf(int from, int to, int step, long number = 5) =>
        HomeRule.Of(new ShardChange { Number = number, From = from, To = to, Step = step });

    static byte[] IdOf(int i) => PointId.From((ulong)i).ToKey();
}
