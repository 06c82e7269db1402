using System.Globalization;
using Microsoft.Data.Sqlite;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// The file of the queue: SQLite with a write-ahead log. What is committed survives the process; a commit that is to
/// survive the machine as well waits for the disk. One thread.
/// </summary>
internal sealed class QueueStore : IDisposable
{
    private const int Version = 1;
    private const int BusySeconds = 5;

    private const string Schema =
        """
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind INTEGER NOT NULL, target TEXT NOT NULL, request BLOB NOT NULL,
            queued INTEGER NOT NULL, due INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, throttles INTEGER NOT NULL DEFAULT 0,
            trace TEXT NOT NULL, context BLOB NOT NULL, qualified INTEGER NOT NULL, note TEXT NOT NULL,
            bytes INTEGER NOT NULL, payload BLOB NOT NULL);
        PRAGMA user_version = 1;
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _read;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _waits;
    private readonly SqliteCommand _goesOn;
    private bool _isWaiting = true;

    static QueueStore() => SQLitePCL.Batteries_V2.Init();

    /// <summary>
    /// Creates the file when there is none. Throws <see cref="SqliteException"/> or <see cref="IOException"/>.
    /// </summary>
    public QueueStore(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        }.ToString());
        try
        {
            _connection.Open();
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Prepare();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
        _insert = Command(
            """
            INSERT INTO entries (kind, target, request, queued, due, trace, context, qualified, note, bytes, payload)
            VALUES ($kind, $target, $request, $queued, $queued, $trace, $context, $qualified, $note, $bytes, $payload)
            RETURNING id
            """,
            "$kind", "$target", "$request", "$queued", "$trace", "$context", "$qualified", "$note", "$bytes",
            "$payload");
        _update = Command(
            "UPDATE entries SET due = $due, attempts = $attempts, throttles = $throttles WHERE id = $id",
            "$due", "$attempts", "$throttles", "$id");
        _delete = Command("DELETE FROM entries WHERE id = $id", "$id");
        _read = Command("SELECT payload, trace, context, qualified, note FROM entries WHERE id = $id", "$id");
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _waits = Command("PRAGMA synchronous = FULL");
        _goesOn = Command("PRAGMA synchronous = NORMAL");
    }

    /// <summary>All entries, the oldest first.</summary>
    public List<QueueEntry> Load()
    {
        using var command = Command(
            "SELECT id, kind, target, request, queued, due, attempts, throttles, bytes FROM entries ORDER BY id");
        using var row = command.ExecuteReader();
        var entries = new List<QueueEntry>();
        while (row.Read())
        {
            entries.Add(new QueueEntry
            {
                Id = row.GetInt64(0),
                Kind = (QueueKind)row.GetByte(1),
                Target = row.GetString(2),
                RequestId = new Guid(row.GetFieldValue<byte[]>(3)),
                QueuedMs = row.GetInt64(4),
                DueMs = row.GetInt64(5),
                Attempts = row.GetInt32(6),
                Throttles = row.GetInt32(7),
                Bytes = row.GetInt32(8),
            });
        }
        return entries;
    }

    /// <summary>
    /// <paramref name="isForSenders"/>: somebody is told that it is on disk. Else a crash of the machine may undo it,
    /// but only as a whole: what had ended runs again.
    /// </summary>
    public void Begin(bool isForSenders)
    {
        if (isForSenders != _isWaiting) (isForSenders ? _waits : _goesOn).ExecuteNonQuery();
        _isWaiting = isForSenders;
        _begin.ExecuteNonQuery();
    }

    public void Commit() => _commit.ExecuteNonQuery();

    public void Rollback()
    {
        try
        {
            _rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // What made the transaction fail may have ended it as well.
        }
    }

    public QueueEntry Insert(QueueKind kind, string target, Guid request, long queuedMs, QueueContent content)
    {
        var values = _insert.Parameters;
        values[0].Value = (int)kind;
        values[1].Value = target;
        values[2].Value = request.ToByteArray();
        values[3].Value = queuedMs;
        values[4].Value = content.Trace;
        values[5].Value = content.ClientContext;
        values[6].Value = content.IsQualified ? 1 : 0;
        values[7].Value = content.Note;
        values[8].Value = content.Payload.Length;
        values[9].Value = content.Payload;
        long id = Convert.ToInt64(_insert.ExecuteScalar(), CultureInfo.InvariantCulture);
        return new QueueEntry
        {
            Id = id,
            Kind = kind,
            Target = target,
            RequestId = request,
            QueuedMs = queuedMs,
            DueMs = queuedMs,
            Bytes = content.Payload.Length,
        };
    }

    public void Update(long id, long dueMs, int attempts, int throttles)
    {
        _update.Parameters[0].Value = dueMs;
        _update.Parameters[1].Value = attempts;
        _update.Parameters[2].Value = throttles;
        _update.Parameters[3].Value = id;
        _update.ExecuteNonQuery();
    }

    public void Delete(long id)
    {
        _delete.Parameters[0].Value = id;
        _delete.ExecuteNonQuery();
    }

    /// <summary>Null when there is no such entry.</summary>
    public QueueContent? Read(long id)
    {
        _read.Parameters[0].Value = id;
        using var row = _read.ExecuteReader();
        if (!row.Read()) return null;
        return new QueueContent(row.GetFieldValue<byte[]>(0))
        {
            Trace = row.GetString(1),
            ClientContext = row.GetFieldValue<byte[]>(2),
            IsQualified = row.GetBoolean(3),
            Note = row.GetString(4),
        };
    }

    public void Dispose() => _connection.Dispose();

    private void Prepare()
    {
        using var version = Command("PRAGMA user_version");
        long found = Convert.ToInt64(version.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (found == Version) return;
        if (found != 0) throw new IOException($"it was written by another version (schema {found})");
        Execute(Schema);
    }

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }
}
