using MassTransit;
using VectorDb.Contracts;
using VectorDb.Embedding;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Embeds texts for somebody who wants the vectors.</summary>
public sealed class EmbedTextsConsumer(IEmbedder embedder) : IConsumer<EmbedTexts>
{
    public Task Consume(ConsumeContext<EmbedTexts> context)
    {
        var embedded = embedder.Embed(context.Message.Texts, context.CancellationToken);
        return context.RespondAsync(new TextsEmbedded
        {
            Model = embedder.Model.Name,
            ModelChecksum = embedder.Model.Checksum,
            Vectors = [.. embedded.Select(text => VectorBytes.From(text.Vector))],
            TokenCounts = [.. embedded.Select(text => text.TokenCount)],
        });
    }
}
