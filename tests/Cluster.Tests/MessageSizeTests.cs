using System.Net;

namespace VectorDb.Cluster.Tests;

/// <summary>
/// RabbitMQ closes the channel on which a message comes that is larger than it takes (16 MiB by default since version 4, as here). The
/// largest requests that the API lets in must travel, or be refused in words, and never disturb what others send.
/// </summary>
[Collection(SharedCluster.Name)]
public sealed class MessageSizeTests(SharedCluster setup)
{
    const int TextBytes = 250 * 1024;

    Api Api => setup.Cluster.Doors.Apis[0];

    [Fact]
    public async Task StoreOfManyLargePayloads_Arrives()
    {
        var payload = new { text = new string('x', TextBytes) };
        var points = Enumerable.Range(1_000, 40).Select(id => new { id, vector = Ledger.Direction(new Random(id)), payload });
        (await Api.PostAsync("store", new { points })).Expect();
        (await Api.GetAsync("get/1039")).Expect();
        var found = await Api.PostAsync(
            "search", new { query_vector = Ledger.Direction(new Random(1_000)), top_k = 40, shards_to_search = "all", with_payload = true });
        await WorksAsync();
        Assert.Equal(40, found.Expect()["results"].GetArrayLength());
        Assert.False(found["partial"].GetBoolean());
    }

    [Fact]
    public async Task EmbeddingOfManyLongTexts_IsAnsweredOrRefusedInWords()
    {
        var input = Enumerable.Range(0, 80).Select(number => $"{number} {new string('y', TextBytes)}");
        var answer = await Api.PostAsync("v1/embeddings", new { model = "all-MiniLM-L6-v2", input });
        await WorksAsync();
        if (!answer.IsSuccess)
            answer.ExpectProblem((int)HttpStatusCode.RequestEntityTooLarge, "texts");
    }

    [Fact]
    public async Task ManySearchesAtOnce_AllAnswer()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(seed => Api.PostAsync(
            "search", new { query_vector = Ledger.Direction(new Random(seed)), top_k = 10, shards_to_search = "all", with_vector = true })));
        Assert.All(answers, answer => Assert.False(answer.Expect()["partial"].GetBoolean()));
    }

    async Task WorksAsync()
    {
        await Api.StoreAsync("after", Ledger.Direction(new Random(1)));
        (await Api.GetAsync("get/after")).Expect();
        await setup.EmptyAsync();
    }
}
