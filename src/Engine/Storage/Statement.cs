using System.Text;
using SQLitePCL;

namespace VectorDb.Engine.Storage;

/// <summary>
/// One prepared SQL statement, used again and again by the thread that holds its <see cref="Database"/>. It speaks to
/// SQLite directly, because a write of 256 rows runs a thousand statements: values go in from spans and come out as
/// spans.
/// </summary>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public Statement Bind(int index, long? value) => value is { } number ? Bind(index, number) : BindNull(index);

    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    /// <summary>UTF-8 as TEXT, zero bytes included.</summary>
    public Statement BindText(int index, ReadOnlySpan<byte> utf8)
    {
        // An empty span has no address, and SQLite takes no address for NULL.
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(handle, index, "") : raw.sqlite3_bind_text(handle, index, utf8));
        return this;
    }

    public Statement BindText(int index, string value) => BindText(index, Encoding.UTF8.GetBytes(value));

    public Statement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(handle, index));
        return this;
    }

    /// <summary>Executes to the end and throws rows away.</summary>
    public void Run()
    {
        using var rows = Rows();
        while (rows.Next())
        {
        }
    }

    /// <summary>Executes; the cursor must be disposed before the statement is used again.</summary>
    public Cursor Rows() => new(this);

    public void Dispose() => handle.Dispose();

    void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw database.Error(code);
    }

    /// <summary>The rows of one execution. Spans are valid until the next <see cref="Next"/>.</summary>
    public readonly ref struct Cursor(Statement statement)
    {
        sqlite3_stmt Handle => statement.Handle;

        public bool Next() => statement.Step();

        public long Int64(int column) => raw.sqlite3_column_int64(Handle, column);

        public int Int32(int column) => checked((int)Int64(column));

        public bool IsNull(int column) => raw.sqlite3_column_type(Handle, column) == raw.SQLITE_NULL;

        /// <summary>The bytes of a BLOB, or the UTF-8 of a TEXT.</summary>
        public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(Handle, column);

        public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

        public void Dispose() => raw.sqlite3_reset(Handle);
    }

    sqlite3_stmt Handle => handle;

    bool Step() => raw.sqlite3_step(handle) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var code => throw database.Error(code),
    };
}
