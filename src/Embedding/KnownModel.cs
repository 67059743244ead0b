namespace VectorDb.Embedding;

/// <summary>One file of a model that is known to be good.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Bytes">Length, so that a truncated file can be told from a foreign one.</param>
internal sealed record PinnedFile(string Sha256, long Bytes);

/// <summary>A model that this library can run, and the files of it that are accepted.</summary>
/// <remarks>
/// The pins of the public exports are those that several independent projects record for the same revisions; the exports'
/// vocabularies are the very files that the pins below name. See <c>docs/embedding.md</c>.
/// </remarks>
internal sealed record KnownModel
{
    public required string Name { get; init; }

    public required int Dimensions { get; init; }

    /// <summary>Special tokens included, as sentence-transformers cuts.</summary>
    public required int MaxTokens { get; init; }

    public required int VocabularyCount { get; init; }

    public required PinnedFile Vocabulary { get; init; }

    public required IReadOnlyList<PinnedFile> Files { get; init; }

    /// <summary>Tokens put before and after every text, by their text in the vocabulary.</summary>
    public required string FirstToken { get; init; }

    public required string LastToken { get; init; }

    public required string PaddingToken { get; init; }

    /// <summary>The token of words that the vocabulary cannot spell.</summary>
    public string UnknownToken { get; } = "[UNK]";

    /// <summary>Tokens that are recognised, case-sensitively, when they are written in a text.</summary>
    public required IReadOnlyList<string> SpecialTokens { get; init; }

    public required string PublicUrl { get; init; }

    /// <summary>Whether the repository carries the files, so that git can restore them.</summary>
    public required bool InRepository { get; init; }

    public static KnownModel MiniLm { get; } = new()
    {
        Name = "all-MiniLM-L6-v2",
        Dimensions = 384,
        MaxTokens = 256,
        VocabularyCount = 30_522,
        Vocabulary = new("07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", 231_508),
        Files =
        [
            new("be67306457231037890c86901101212497e82459a0f4e52e8a6b31f0c3752804", 45_296_718),
            new("6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452", 90_405_214),
        ],
        FirstToken = "[CLS]",
        LastToken = "[SEP]",
        PaddingToken = "[PAD]",
        SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        PublicUrl = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        InRepository = true,
    };

    public static KnownModel Mpnet { get; } = new()
    {
        Name = "all-mpnet-base-v2",
        Dimensions = 768,
        MaxTokens = 384,
        VocabularyCount = 30_527,
        Vocabulary = new("dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada", 231_536),
        Files =
        [
            new("74187b16d9c946fea252e120cfd7a12c5779d8b8b86838a2e4c56573c47941bd", 435_826_548),
            new("313d8fd0121f0bf380944d1795e192132d4cf512261051ae8b9522b0be3e505e", 120_561_179),
        ],
        FirstToken = "<s>",
        LastToken = "</s>",
        PaddingToken = "<pad>",
        // Not [CLS] and its like: they are in this vocabulary, but the reference reads them as five pieces.
        SpecialTokens = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"],
        PublicUrl = "https://huggingface.co/sentence-transformers/all-mpnet-base-v2",
        InRepository = false,
    };

    public static IReadOnlyList<KnownModel> All { get; } = [MiniLm, Mpnet];
}
