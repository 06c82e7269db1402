using System.Globalization;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;

namespace DataPlane.Hosting;

/// <summary>
/// Reads and compiles small configurations after the start and throws them away. By then the runtime has quick code for
/// what a change of the configuration runs, and the first large one is applied in half the time: the pauses in between
/// are for its compiler. Some milliseconds on a thread of the pool each time.
/// </summary>
internal sealed class Rehearsal : IDisposable
{
    private const int Turns = 8;
    private const int Routes = 48;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);

    private readonly ConfigSource _source = Source();
    private readonly ITimer _timer;
    private int _turn;
    private volatile bool _isOver;

    public Rehearsal(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((Rehearsal)state!).Next(), this, s_pause, Timeout.InfiniteTimeSpan);

    /// <summary>What was read and compiled is garbage.</summary>
    public bool IsOver => _isOver;

    public void Dispose() => _timer.Dispose();

    /// <summary>What the turns read.</summary>
    internal static ConfigSource Source() =>
        ConfigSource.OfText("rehearsal", text: "", overrides: null, ConfigEnvironment.Empty);

    /// <summary>What is read in a turn is valid, and no route is that of another turn.</summary>
    internal static ConfigLoad Take(ConfigSource source, int turn)
    {
        var load = source.Read(Encoding.UTF8.GetBytes(TextOf(turn)));
        _ = load.Digest;
        if (load.Result.Config is { } config) OfflineCompilation.Run(config, static (snapshot, _) => snapshot);
        return load;
    }

    private void Next()
    {
        Take(_source, ++_turn);
        if (_turn < Turns) _timer.Change(s_pause, Timeout.InfiniteTimeSpan);
        else _isOver = true;
    }

    private static string TextOf(int turn)
    {
        var text = new StringBuilder("""
            upstreams:
              service: { endpoints: [ http://127.0.0.1:9 ] }
            policies:
              some: { rateLimit: { key: clientAddress, rate: 10/s } }
            routes:

            """);
        for (int route = 0; route < Routes; route++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                  # Route {{route}} of turn {{turn}}
                  - id: route-{{route}}
                    match:
                      hosts: [api-{{route % 8}}.example.com]
                      path: /v{{turn}}/items-{{route}}/{id}
                      methods: [GET, POST]
                    policies: [some]
                    headers:
                      request:
                        set: { X-Item: "{id}-{{turn}}" }
                    to:

                """);
            text.Append((route % 8) switch
            {
                0 => "      mock: { status: 200, body: \"{id}\" }\n",
                1 => "      redirect: { status: 308, location: \"https://example.com/{id}\" }\n",
                _ => "      upstream: service\n      rewrite: /items/{id}\n",
            });
        }
        return text.ToString();
    }
}
