using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The last failed exchanges of each loop, for the status page: those that went wrong, whoever is to blame, and those
/// whose upstream answered 5xx. Record: loop thread, 0 bytes; an exchange that went well costs a comparison.
/// </summary>
public sealed class RecentErrors : IExchangeRecorder
{
    private readonly LoopSet _loops;
    private readonly TimeProvider _time;
    private readonly Ring[] _rings;

    /// <summary>Paths are redacted as the access log's are, whether that is on or not.</summary>
    public RecentErrors(LoopSet loops, AccessLogConfig redaction, TimeProvider time)
    {
        _loops = loops;
        _time = time;
        _rings = new Ring[loops.Count];
        for (int each = 0; each < _rings.Length; each++) _rings[each] = new Ring(new LogRules(redaction));
    }

    /// <summary>What is kept from now on is redacted as another configuration has it. Any thread.</summary>
    public void Follow(AccessLogConfig redaction)
    {
        for (int each = 0; each < _rings.Length; each++)
        {
            var (ring, rules) = (_rings[each], new LogRules(redaction));
            _loops[each].Post(_ => ring.Follow(rules), state: null);
        }
    }

    public void Record(in ExchangeRecord record)
    {
        bool isOver = ErrorTable.Of(record.Outcome).Side == FaultSide.None;
        if (isOver && record.StatusCode < 500) return;
        _rings[record.Exchange.Loop.Index].Keep(record);
    }

    /// <summary>The last ones over all loops, the youngest first. Any thread but a loop's; allocates.</summary>
    public async Task<IReadOnlyList<ErrorView>> ListAsync(int limit)
    {
        var errors = new List<ErrorView>();
        for (int each = 0; each < _rings.Length; each++)
        {
            var ring = _rings[each];
            errors.AddRange(await _loops[each].AskAsync(() => ring.Read(_time)));
        }
        return [.. errors.OrderByDescending(error => error.Time).Take(limit)];
    }

    private sealed class Ring(LogRules rules)
    {
        private LogFragments _fragments = new(rules);
        private LogRedactor _redactor = new(rules);
        private readonly ErrorSlot?[] _slots = new ErrorSlot?[RecordingLimits.RecentErrors];
        private long _count;

        /// <summary>A slot is made when it is used for the first time: a gateway without errors has none.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Keep(in ExchangeRecord record)
        {
            var slot = _slots[(int)((ulong)_count++ % RecordingLimits.RecentErrors)] ??= new ErrorSlot();
            ExchangeFields.Keep(record, _fragments, _redactor, slot);
        }

        public void Follow(LogRules rules)
        {
            _fragments = new LogFragments(rules);
            _redactor = new LogRedactor(rules);
        }

        public List<ErrorView> Read(TimeProvider time) =>
            [.. _slots.OfType<ErrorSlot>().Select(slot => slot.Read(time))];
    }
}
