using System.Diagnostics;
using System.Globalization;
using System.Text;
using VectorDb.Embedding;

namespace VectorDb.Benchmarks;

/// <summary>
/// Makes the vector files that index benchmarks read: WordNet glosses and AG News (title, space, description), in one
/// order shuffled by a seed, so that any first part of the file is a fair sample of both.
/// </summary>
static class EmbedCommand
{
    const int Chunk = 2048;
    const int Seed = 20261125;

    public static int Run(string[] args)
    {
        var model = Option(args, "--model") ?? "all-MiniLM-L6-v2";
        if (Option(args, "--out") is not { } path)
        {
            Console.Error.WriteLine("embed needs --out FILE.npy.");
            return 2;
        }
        var texts = Texts();
        new Random(Seed).Shuffle(texts);
        if (Option(args, "--limit") is { } limit)
            texts = texts[..Math.Min(texts.Length, int.Parse(limit, CultureInfo.InvariantCulture))];
        using var embedder = OnnxEmbedder.Load(ModelFolder.Find(SharedFiles.Models(model), model));
        Write(embedder, texts, path);
        return 0;
    }

    // A file of an earlier, smaller run is kept and continued. Readers see the old file or the new one, never half of it.
    static void Write(OnnxEmbedder embedder, string[] texts, string path)
    {
        var draft = path + ".new";
        var watch = Stopwatch.StartNew();
        using (var stream = File.Create(draft))
        {
            stream.Write(NpyHeader(texts.Length, embedder.Model.Dimensions));
            var from = Continue(path, stream, texts.Length, embedder.Model.Dimensions);
            for (var at = from; at < texts.Length; at += Chunk)
            {
                foreach (var embedded in embedder.Embed(texts[at..Math.Min(at + Chunk, texts.Length)]))
                    stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(embedded.Vector));
                var done = Math.Min(at + Chunk, texts.Length);
                Console.Error.WriteLine($"{done} of {texts.Length}, {(done - from) / watch.Elapsed.TotalSeconds:f0} a second");
            }
        }
        File.Move(draft, path, overwrite: true);
    }

    static int Continue(string path, Stream target, int rows, int dimensions)
    {
        if (!File.Exists(path))
            return 0;
        using var old = File.OpenRead(path);
        var known = (int)((old.Length - NpyHeader(rows, dimensions).Length) / (dimensions * sizeof(float)));
        if (known > rows)
            throw new InvalidOperationException($"{path} has {known} rows already, more than the {rows} asked for.");
        old.Position = NpyHeader(rows, dimensions).Length;
        old.CopyTo(target);
        return known;
    }

    // Version 1.0 of the format, always 128 bytes long.
    static byte[] NpyHeader(int rows, int dimensions)
    {
        var text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimensions}), }}";
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(text.PadRight(117) + '\n')];
    }

    static string[] Texts()
    {
        var glosses = File.ReadLines(SharedFiles.Data("wordnet_glosses.csv")).Skip(1).Select(line => Fields(line)[3]);
        var news = File.ReadLines(SharedFiles.Data("ag_news_test.csv")).Select(Fields).Select(row => $"{row[1]} {row[2]}");
        return [.. glosses, .. news];
    }

    /// <summary>Fields of one CSV line: no field of these two files holds a line break.</summary>
    static List<string> Fields(string line)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(line[i]);
        }
        fields.Add(field.ToString());
        return fields;
    }

    static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
