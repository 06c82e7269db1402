using DataPlane.Lambda.Queue;
using Microsoft.Data.Sqlite;

namespace DataPlane.Tests.Lambda.Queue;

/// <summary>The file of the queue.</summary>
public sealed class QueueStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplane-store-");

    private string File => Path.Combine(_folder.FullName, "queue.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Entries_AreThereWhenTheFileIsOpenedAgain()
    {
        var request = Guid.NewGuid();
        var content = new QueueContent([1, 2, 3])
        {
            Trace = "Root=1",
            ClientContext = [4],
            IsQualified = true,
            Note = "/a\nB:c",
        };
        using (var store = new QueueStore(File))
        {
            store.Begin(isForSenders: true);
            var first = store.Insert(QueueKind.Event, "f", request, 7, content);
            store.Insert(QueueKind.Line, "/file", Guid.NewGuid(), 8, new QueueContent([]));
            store.Update(first.Id, dueMs: 9, attempts: 2, throttles: 3);
            store.Commit();
        }
        using var again = new QueueStore(File);
        var entries = again.Load();
        Assert.Equal(["f", "/file"], entries.Select(each => each.Target));
        var entry = entries[0];
        Assert.Equal(
            (QueueKind.Event, request, 7L, 9L, 2, 3, 3),
            (entry.Kind, entry.RequestId, entry.QueuedMs, entry.DueMs, entry.Attempts, entry.Throttles, entry.Bytes));
        var read = again.Read(entry.Id)!;
        Assert.Equal(content.Payload, read.Payload);
        Assert.Equal(content.ClientContext, read.ClientContext);
        Assert.Equal(("Root=1", true, "/a\nB:c"), (read.Trace, read.IsQualified, read.Note));
        again.Delete(entry.Id);
        Assert.Null(again.Read(entry.Id));
    }

    [Fact]
    public void WhatWasNotCommitted_IsNotThere()
    {
        using (var store = new QueueStore(File))
        {
            store.Begin(isForSenders: true);
            store.Insert(QueueKind.Event, "f", Guid.NewGuid(), 7, new QueueContent([1]));
            store.Rollback();
            store.Begin(isForSenders: true);
            store.Insert(QueueKind.Event, "f", Guid.NewGuid(), 7, new QueueContent([1]));
        }
        using var again = new QueueStore(File);
        Assert.Empty(again.Load());
    }

    [Fact]
    public void IdsAreNeverUsedAgain()
    {
        using var store = new QueueStore(File);
        var first = store.Insert(QueueKind.Event, "f", Guid.NewGuid(), 7, new QueueContent([1]));
        store.Delete(first.Id);
        var second = store.Insert(QueueKind.Event, "f", Guid.NewGuid(), 7, new QueueContent([1]));
        Assert.True(second.Id > first.Id);
    }

    [Fact]
    public void FileThatIsNoQueue_IsRefused()
    {
        System.IO.File.WriteAllText(File, new string('x', 4096));
        Assert.Throws<SqliteException>(() => new QueueStore(File));
    }
}
