namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// Keeps the members of an upstream in step with the names among its endpoints. Until a name has its first answer it
/// adds nothing. Any thread.
/// </summary>
public sealed class UpstreamMembers
{
    /// <summary>
    /// What a weight is multiplied by where SRV records have weights of their own: shares of shares are whole numbers.
    /// </summary>
    private const int Scale = 100;

    private readonly Lock _changing = new();
    private readonly Upstream _upstream;
    private readonly IReadOnlyList<ConfiguredMember> _configured;
    private readonly NameTable _names;
    private readonly DnsSettings _settings;
    private readonly NameWatch?[] _watches;
    private readonly int _scale;
    private bool _isStarted;

    public UpstreamMembers(
        Upstream upstream, IReadOnlyList<ConfiguredMember> configured, NameTable names, DnsSettings settings)
    {
        _upstream = upstream;
        _configured = configured;
        _names = names;
        _settings = settings;
        _watches = new NameWatch?[configured.Count];
        _scale = configured.Any(each => each.Source.IsService) ? Scale : 1;
    }

    /// <summary>Those written as addresses: all there is before names are known.</summary>
    public static EndpointMember[] Fixed(IEnumerable<ConfiguredMember> configured) =>
    [
        .. configured.Where(each => each.Source.Endpoint is not null)
            .Select(each => new EndpointMember(each.Source.Endpoint!, each.Weight, each.Priority)),
    ];

    /// <summary>Follows the names from now on; once until <see cref="Stop"/>.</summary>
    public void Start()
    {
        lock (_changing)
        {
            if (_isStarted) return;
            _isStarted = true;
            for (int each = 0; each < _watches.Length; each++)
            {
                var source = _configured[each].Source;
                if (source.Name is not { } name) continue;
                _watches[each] = _names.Enter(new NameQuestion(name, source.IsService, _settings));
            }
        }
        // What another generation has found out about the same names is there at once.
        Update();
        foreach (var watch in _watches) watch?.Tell(OnAnswer);
    }

    /// <summary>Follows them no more; the members stay what they are.</summary>
    public void Stop()
    {
        NameWatch?[] watches;
        lock (_changing)
        {
            if (!_isStarted) return;
            _isStarted = false;
            watches = [.. _watches];
            Array.Clear(_watches);
        }
        // Not under the lock, which those who tell an answer take while they hold theirs.
        foreach (var watch in watches)
        {
            if (watch is null) continue;
            watch.Forget(OnAnswer);
            _names.Leave(watch);
        }
    }

    private void OnAnswer(NameAnswer answer) => Update();

    private void Update()
    {
        lock (_changing)
        {
            if (_isStarted) _upstream.SetMembers(Build());
        }
    }

    private EndpointMember[] Build()
    {
        var members = new List<EndpointMember>();
        var taken = new HashSet<UpstreamEndpoint>();
        for (int each = 0; each < _configured.Count; each++)
        {
            var (source, weight, priority) = _configured[each];
            if (source.Endpoint is { } endpoint) Add(new EndpointMember(endpoint, weight * _scale, priority));
            if ((_watches[each]?.Answer ?? source.Last) is { } answer) AddNamed(source, weight, priority, answer, Add);
        }
        if (members.Count <= Limits.EndpointsPerUpstream) return [.. members];
        NameLog.TooMany(_names.Logger, _upstream.Name, members.Count, Limits.EndpointsPerUpstream);
        return [.. members.Take(Limits.EndpointsPerUpstream)];

        void Add(EndpointMember member)
        {
            if (taken.Add(member.Endpoint)) members.Add(member);
        }
    }

    private void AddNamed(
        MemberSource source, int weight, int priority, NameAnswer answer, Action<EndpointMember> add)
    {
        var endpoints = source.EndpointsOf(answer);
        int[] ranks = [.. answer.Addresses.Select(each => each.Priority).Distinct().Order()];
        for (int each = 0; each < endpoints.Length; each++)
        {
            var address = answer.Addresses[each];
            int rank = Math.Min(priority + Array.IndexOf(ranks, address.Priority), Limits.EndpointPriority);
            int heaviest = answer.Addresses
                .Where(other => other.Priority == address.Priority).Max(other => other.Weight);
            // RFC 2782: a weight of 0 beside others is a very small share; all 0 are equal.
            int share = heaviest == 0 ? _scale : Math.Max(1, (int)((long)_scale * address.Weight / heaviest));
            add(new EndpointMember(endpoints[each], weight * share, rank));
        }
    }
}
