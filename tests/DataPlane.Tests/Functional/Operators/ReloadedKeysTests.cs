using System.Text;
using System.Text.Json.Nodes;
using DataPlane.Config;
using DataPlane.Config.Binding;
using DataPlane.Config.Schema;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Hosting;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>
/// Every key of what the process has once is either taken by a reload or refused by it. A new key has to say which.
/// </summary>
public sealed class ReloadedKeysTests : IDisposable
{
    // Of a generation: compiled anew from each configuration, or nothing of a running process.
    private static readonly string[] s_compiled =
        ["upstreams", "functions", "policies", "routes", "include", "rollout"];

    /// <summary>Another value for each key that a reload takes; the part that has it tests that it does.</summary>
    private static readonly Dictionary<string, string> s_taken = new(StringComparer.Ordinal)
    {
        ["listeners.0.name"] = "other",
        ["listeners.0.address"] = "127.0.0.2:0",
        ["listeners.0.tls.certificates"] = """[ { "certificate": "@/b.pem", "key": "@/b.key" } ]""",
        ["listeners.0.tls.clientCertificates.mode"] = "optional",
        ["listeners.0.tls.clientCertificates.authorities"] = "@/b.pem",
        ["listeners.0.tls.minimumVersion"] = "\"1.3\"",
        ["listeners.0.tls.cipherSuites"] = """["TLS_AES_128_GCM_SHA256"]""",
        ["listeners.0.tls.handshakeTimeout"] = "3s",
        ["listeners.0.tls.ocspStapling"] = "true",
        ["admin.token"] = "0123456789abcdef0123456789abcdef",
        ["admin.hosts"] = """["gateway.internal"]""",
        ["admin.tls.certificates"] = """[ { "certificate": "@/b.pem", "key": "@/b.key" } ]""",
        ["admin.tls.clientCertificates.mode"] = "optional",
        ["admin.tls.clientCertificates.authorities"] = "@/b.pem",
        ["admin.tls.minimumVersion"] = "\"1.3\"",
        ["admin.tls.cipherSuites"] = """["TLS_AES_128_GCM_SHA256"]""",
        ["admin.tls.ocspStapling"] = "true",
        ["invokeApi.accessKeys"] = """[ { "id": "OTHER", "secret": "other" } ]""",
        ["limits.requestHeadBytes"] = "1MiB",
        ["limits.requestLineBytes"] = "4KiB",
        ["limits.requestHeaderCount"] = "50",
        ["limits.requestBodyBytes"] = "1MiB",
        ["limits.responseHeadBytes"] = "32KiB",
        ["limits.responseHeaderCount"] = "50",
        ["limits.headTimeout"] = "5s",
        ["limits.idleTimeout"] = "30s",
        ["limits.bodyMinimumRate"] = "100/s",
        ["limits.bodyRateGrace"] = "7s",
        ["limits.responseMinimumRate"] = "0/s",
        ["limits.exchangeTimeout"] = "60s",
        ["limits.halfCloseGrace"] = "1s",
        ["limits.connections"] = "100",
        ["limits.connectionsPerAddress"] = "100",
        ["limits.acceptBacklog"] = "100",
        ["limits.acceptRate"] = "1000/s",
        ["limits.memory"] = "8GiB",
        ["limits.requestsPerConnection"] = "100",
        ["limits.tunnelIdleTimeout"] = "1m",
        ["limits.tunnelLifetime"] = "2h",
        ["limits.tunnelsPerRoute"] = "5",
        ["limits.drainGrace"] = "1s",
        ["limits.drainTimeout"] = "1s",
        ["forwarding.trustedProxies"] = """["10.0.0.0/8"]""",
        ["forwarding.headers"] = "both",
        ["forwarding.via"] = "true",
        ["forwarding.viaName"] = "other",
        ["forwarding.clientCertificate"] = "true",
        ["forwarding.requestId"] = "false",
        ["forwarding.traceContext"] = "false",
        ["accessLog.to"] = "stderr",
        ["accessLog.format"] = "clf",
        ["accessLog.sample"] = "0.5",
        ["accessLog.query"] = "true",
        ["accessLog.redact.query"] = """["pin"]""",
        ["accessLog.redact.headers"] = """["x-pin"]""",
        ["accessLog.redact.captures"] = """["p"]""",
        ["accessLog.syslog.facility"] = "daemon",
        ["accessLog.syslog.tag"] = "other",
        ["log.level"] = "warning",
        ["log.format"] = "json",
        ["tracing.sample"] = "50%",
        ["tracing.parent"] = "ignore",
        ["tracing.propagation"] = """["xray"]""",
        ["tracing.service"] = "other",
        ["tracing.exporter.otlp"] = "http://127.0.0.1:2",
        ["tracing.exporter.protocol"] = "grpc",
        ["tracing.exporter.headers"] = """{ "x-key": "1" }""",
        ["tracing.exporter.timeout"] = "1s",
        ["metrics.seriesLimit"] = "1000",
        ["metrics.expireAfter"] = "1m",
        ["metrics.compatibility"] = """["kong"]""",
        ["dns.minimumTtl"] = "1s",
        ["dns.maximumTtl"] = "1m",
        ["dns.timeout"] = "1s",
        ["dns.resolvers"] = """["127.0.0.53"]""",
        ["dns.family"] = "ipv6",
        // Of the next start: nothing waits for answers in a reload.
        ["dns.startTimeout"] = "1s",
        ["cache.memory"] = "32MiB",
        ["cache.entry"] = "1MiB",
        ["cache.compressFrom"] = "1KiB",
        ["queue.entries"] = "10",
        ["queue.bytes"] = "1MiB",
    };

    /// <summary>Another value for each key that needs a restart, and the path of the report when not its own.</summary>
    private static readonly Dictionary<string, (string Value, string? Path)> s_refused = new(StringComparer.Ordinal)
    {
        ["listeners.0.proxyProtocol"] = ("required", "listeners"),
        ["listeners.0.trusted"] = ("""["10.0.0.0/8"]""", "listeners"),
        ["listeners.0.maxRequests"] = ("5", "listeners"),
        ["listeners.0.protocols"] = ("""["http1"]""", "listeners"),
        ["listeners.0.tls"] = ("null", "listeners"),
        ["admin.address"] = ("127.0.0.2:0", null),
        ["admin.tls"] = ("null", null),
        ["admin.tls.handshakeTimeout"] = ("3s", null),
        ["invokeApi.address"] = ("127.0.0.2:0", null),
        ["limits.clientPrefixIpv6"] = ("48", null),
        ["limits.http2.streams"] = ("7", "limits.http2"),
        ["limits.http2.glitches"] = ("7", "limits.http2"),
        ["limits.http2.frameBytes"] = ("32KiB", "limits.http2"),
        ["limits.http2.streamWindow"] = ("64KiB", "limits.http2"),
        ["limits.http2.connectionWindow"] = ("2MiB", "limits.http2"),
        ["limits.http2.headerTableBytes"] = ("8KiB", "limits.http2"),
        ["limits.http2.pingInterval"] = ("5s", "limits.http2"),
        ["limits.http2.pingTimeout"] = ("5s", "limits.http2"),
        ["metrics.buckets"] = ("[0.1, 1]", null),
        ["transport.kind"] = ("epoll", "transport"),
        ["transport.loops"] = ("2", "transport"),
        ["transport.reusePort"] = ("true", "transport"),
        ["transport.ioUring"] = ("false", "transport"),
        ["transport.batchScheduling"] = ("false", "transport"),
        ["cache.disk"] = ("null", null),
        ["cache.disk.path"] = ("@/other", "cache.disk"),
        ["cache.disk.maxSize"] = ("2MiB", "cache.disk"),
        ["queue.path"] = ("@/other.db", null),
    };

    private readonly CertificateFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void EveryKeyOfTheProcess_IsInOneOfTheLists()
    {
        string[] keys = [.. Keys(GatewayBinder.Keys, "")];
        Assert.InRange(keys.Length, 80, 1000);
        Assert.Equal([], keys.Where(key => !s_taken.ContainsKey(key) && !s_refused.ContainsKey(key)));
        Assert.Equal([], s_taken.Keys.Except(keys, StringComparer.Ordinal));
        string[] sections = ["listeners.0.tls", "admin.tls", "cache.disk"];
        Assert.Equal([], s_refused.Keys.Except(keys, StringComparer.Ordinal).Except(sections, StringComparer.Ordinal));
    }

    [LinuxFact]
    public async Task EveryKeyOfTheProcess_IsTakenOrRefused()
    {
        _files.Issue("a", "localhost");
        _files.Issue("b", "localhost");
        var source = ConfigSource.OfText("test.yaml", Changed("", "").ToJsonString(), null, ConfigEnvironment.Process);
        var first = source.Load();
        Assert.Empty(first.Result.Errors);
        await using var host = new GatewayHost(
            first.Result.Config!, first.EffectiveJson.Value, TimeProvider.System,
            new RunOptions { Source = source, First = first });
        await host.StartAsync();
        await Eventually.HoldsAsync(() => File.Exists(_files.PathOf("queue.db.lock")), "the queue to be open");
        foreach (var (key, (value, path)) in s_refused)
        {
            var report = await PutAsync(host, key, value);
            Assert.True(report.Status == ReloadStatus.Refused, $"{key} was taken");
            Assert.Equal($"{key}: {path ?? key}", $"{key}: {Assert.Single(report.Errors).Path}");
            Assert.Contains("restart", report.Errors[0].Fix, StringComparison.Ordinal);
        }
        foreach (var (key, value) in s_taken)
        {
            var report = await PutAsync(host, key, value);
            Assert.True(report.Status == ReloadStatus.Applied, $"{key}: {string.Join('\n', report.Errors)}");
        }
        await host.StopAsync();
    }

    [Fact]
    public void WhatIsRefused_IsNamedByTheOperatorsPage()
    {
        string page = File.ReadAllText(Path.Combine(Architecture.Repository.Root, "docs", "operations.md"));
        Assert.All(
            s_refused.Select(each => each.Value.Path ?? each.Key).Where(path => path != "listeners"),
            path => Assert.Contains($"`{path}`", page, StringComparison.Ordinal));
    }

    private async Task<ReloadReport> PutAsync(GatewayHost host, string key, string value)
    {
        string json = Changed(key, value).ToJsonString();
        return await host.Reloader!.PutAsync(Encoding.UTF8.GetBytes(json), static _ => true);
    }

    /// <summary>What has everything that could change, with another value for the key.</summary>
    private JsonNode Changed(string key, string value)
    {
        var root = JsonNode.Parse(InFolder(
            """
            {
              "listeners": [ {
                "name": "public", "address": "127.0.0.1:0", "proxyProtocol": "optional", "trusted": [ "127.0.0.1" ],
                "tls": {
                  "certificates": [ { "certificate": "@/a.pem", "key": "@/a.key" } ],
                  "clientCertificates": { "mode": "none", "authorities": "@/ca.pem" } } } ],
              "admin": { "address": "127.0.0.1:0", "tls": {
                "certificates": [ { "certificate": "@/a.pem", "key": "@/a.key" } ],
                "clientCertificates": { "mode": "none", "authorities": "@/ca.pem" } } },
              "invokeApi": { "address": "127.0.0.1:0", "accessKeys": [ { "id": "ID", "secret": "word" } ] },
              "limits": { "drainGrace": "0s", "http2": { "connectionWindow": "1MiB" } },
              "accessLog": { "to": "off", "redact": {}, "syslog": {} },
              "log": { "level": "error" },
              "tracing": { "exporter": { "otlp": "http://127.0.0.1:1" } },
              "metrics": {},
              "forwarding": {},
              "dns": {},
              "transport": { "kind": "auto", "loops": 1 },
              "cache": { "disk": { "path": "@/disk", "maxSize": "1MiB" } },
              "queue": { "path": "@/queue.db" },
              "functions": { "f": { "command": "/bin/false", "code": "@", "watch": false } },
              "routes": [
                { "id": "cached", "match": { "path": "/cached/{p}" }, "policies": [ { "cache": {} } ],
                  "to": { "mock": {} } },
                { "id": "queued", "match": { "path": "/queued" }, "to": { "function": "f", "invoke": "event" } } ]
            }
            """))!;
        if (key.Length == 0) return root;
        var node = root;
        string[] parts = key.Split('.');
        foreach (string part in parts[..^1]) node = part == "0" ? node[0]! : node[part] ??= new JsonObject();
        string text = InFolder(value);
        bool isJson = text is ['[' or '{' or '"', ..] or "true" or "false" or "null" || double.TryParse(text, out _);
        node[parts[^1]] = isJson ? JsonNode.Parse(text) : JsonValue.Create(text);
        return root;
    }

    private string InFolder(string text) => text.Replace("@", Path.GetDirectoryName(_files.PathOf("a")));

    private static IEnumerable<string> Keys(KeyTable table, string path)
    {
        foreach (var key in table.Keys)
        {
            if (key.NotYet is not null || (path.Length == 0 && s_compiled.Contains(key.Name))) continue;
            string name = path + key.Name;
            // One key by either of its forms, but transport, whose mapping has keys of its own.
            var section = key.Name == "transport" ? key.Shape.Inner[1] : key.Shape;
            if (key.Name == "listeners") (section, name) = (key.Shape.Inner[0], name + ".0");
            if (section.Keys is null) yield return name;
            else foreach (string inner in Keys(section.Keys, name + ".")) yield return inner;
        }
    }
}
