using System.Text;
using DataPlane.Config;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// Writes what follows an attempt into the file: another attempt, or the end and what destinations get of it, all in
/// one transaction, so that nothing is lost between the two. What changes in memory is left for after the commit.
/// Queue's thread.
/// </summary>
internal sealed class QueueSettlement(
    QueueStore store, QueueTargets targets, FunctionIdentity identity, TimeProvider time)
{
    private readonly List<QueueEntry> _made = [];

    /// <summary>Entries for destinations, to be added once they are committed.</summary>
    public IReadOnlyList<QueueEntry> Made => _made;

    /// <summary>True in the second part when the end was nobody's: it has failed and no destination wants it.</summary>
    public (QueueVerdict Verdict, bool IsDropped) Settle(QueueRun run)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var verdict = VerdictOf(run, nowMs);
        if (verdict.IsEnd) return (verdict, End(run.Entry, verdict, AnswerOf(run)));
        store.Update(run.Entry.Id, verdict.DueMs, verdict.Attempts, verdict.Throttles);
        return (verdict, false);
    }

    private QueueVerdict VerdictOf(QueueRun run, long nowMs)
    {
        var entry = run.Entry;
        if (entry.Kind != QueueKind.Event)
        {
            return run.Status == InvocationStatus.Answered
                ? new QueueVerdict(QueueVerdict.Success, 0, entry.Attempts + 1, 0)
                : QueuePolicy.Refused(entry, LambdaLimits.DeliveryAge, nowMs);
        }
        var rules = targets.RulesOf(entry.Target);
        if (run.Status == InvocationStatus.Abandoned)
            return new QueueVerdict(QueueVerdict.EventAgeExceeded, 0, entry.Attempts, 0);
        bool isClosed = targets.Functions.TryGetValue(entry.Target, out var function)
            && function.Config.Concurrency.Reserved == 0;
        return isClosed && run.Status == InvocationStatus.ReservedExceeded
            ? new QueueVerdict(QueueVerdict.ZeroReservedConcurrency, 0, 0, 0)
            : QueuePolicy.After(run.Status, entry, rules, nowMs);
    }

    /// <summary>Null when the last attempt did not reach the function.</summary>
    private static byte[]? AnswerOf(QueueRun run) =>
        run.Status is InvocationStatus.Answered or InvocationStatus.FunctionError ? run.Answer : null;

    private bool End(QueueEntry entry, QueueVerdict verdict, byte[]? answer)
    {
        bool hasFailed = verdict.Condition != QueueVerdict.Success;
        bool isTaken = !hasFailed;
        if (entry.Kind == QueueKind.Event)
        {
            var rules = targets.RulesOf(entry.Target);
            var recorded = hasFailed ? rules.OnFailure : rules.OnSuccess;
            var letter = hasFailed ? rules.DeadLetter : null;
            if ((recorded ?? letter) is not null && store.Read(entry.Id) is { } content)
            {
                if (recorded is not null) Record(recorded, entry, verdict, content, answer);
                if (letter is not null) Post(letter, entry, verdict, content, answer);
                isTaken = true;
            }
        }
        store.Delete(entry.Id);
        return !isTaken;
    }

    private void Record(
        DestinationConfig to, QueueEntry entry, QueueVerdict verdict, QueueContent content, byte[]? answer)
    {
        byte[] record = DestinationRecord.Write(
            entry, verdict, identity.ArnOf(entry.Target) + ":$LATEST", content.Payload, answer, time.GetUtcNow());
        Insert(to, new QueueContent(record) { Trace = content.Trace, Note = to.Path });
    }

    private void Post(
        DestinationConfig to, QueueEntry entry, QueueVerdict verdict, QueueContent content, byte[]? answer)
    {
        var (code, message) = DestinationRecord.ErrorOf(verdict, answer);
        byte[] payload = to.File is null
            ? content.Payload
            : DestinationRecord.WriteLetter(entry.RequestId, code, message, content.Payload);
        string note = $"{to.Path}\nRequestID:{entry.RequestId}\nErrorCode:{code}\nErrorMessage:{FieldText(message)}";
        Insert(to, content with { Payload = payload, Note = note });
    }

    private void Insert(DestinationConfig to, QueueContent content)
    {
        var (kind, target) = to switch
        {
            { Function: { } function } =>
                (targets.Functions.ContainsKey(function) ? QueueKind.Event : QueueKind.Call, function),
            { Upstream: { } upstream } => (QueueKind.Post, upstream),
            _ => (QueueKind.Line, to.File!),
        };
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        _made.Add(store.Insert(kind, target, Guid.NewGuid(), nowMs, content));
    }

    private static string FieldText(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (char each in message) text.Append(each is >= ' ' and <= '~' ? each : '?');
        return text.ToString();
    }
}
