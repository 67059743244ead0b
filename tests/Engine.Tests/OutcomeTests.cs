using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

public sealed class OutcomeTests
{
    static readonly Guid Operation = new("01234567-89ab-8def-8123-456789abcdef");

    [Fact]
    public void WhatWasRecorded_IsToldAfterReopening()
    {
        using var temp = new TempShard();
        temp.Write(transaction => transaction.Record(Operation, [0, 2, 1_048_575]));
        temp.Write(transaction =>
        {
            transaction.Record(Operation, [1], "has no üse");
            transaction.Record(Guid.NewGuid(), [7]);
        });
        Check(temp);
        temp.Close();
        Check(temp);
    }

    [Fact]
    public void AnUnknownOperation_HasNoOutcomes()
    {
        using var temp = new TempShard();
        Assert.Empty(temp.Shard.Outcomes(Operation));
    }

    [Fact]
    public void AFailedTransaction_RecordsNothing()
    {
        using var temp = new TempShard();
        Assert.Throws<NotSupportedException>(() => temp.Write(transaction =>
        {
            transaction.Record(Operation, [0]);
            throw new NotSupportedException();
        }));
        Assert.Empty(temp.Shard.Outcomes(Operation));
    }

    static void Check(TempShard temp)
    {
        var outcomes = temp.Shard.Outcomes(Operation);
        Assert.Equal([null, "has no üse"], outcomes.Select(outcome => outcome.Refusal));
        Assert.Equal([0, 2, 1_048_575], outcomes[0].Ordinals);
        Assert.Equal([1], outcomes[1].Ordinals);
        Assert.Empty(temp.Shard.Validate().Problems);
    }
}
