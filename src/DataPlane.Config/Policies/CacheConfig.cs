using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Policies;

/// <summary><c>cache: { ttl: 60s }</c>: a route's responses are stored and used again (RFC 9111).</summary>
public sealed record CacheConfig
{
    public const string Kind = "cache";

    private static readonly ValueShape s_time = ValueShape.Duration(TimeSpan.Zero, TimeSpan.FromDays(365));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("ttl", s_time, "Lifetime of responses that say nothing about it."),
        new ConfigKey("override", ValueShape.Boolean, "ttl stands in place of the lifetime that responses state.")
        {
            Default = "false",
        },
        new ConfigKey(
            "heuristic", ValueShape.Percent, "Of the time since Last-Modified, for responses that say nothing else.")
        {
            Default = "10%",
        },
        new ConfigKey("heuristicMaximum", s_time, "Longest lifetime from Last-Modified.") { Default = "24h" },
        new ConfigKey(
            "query", ValueShape.List(ValueShape.String), "Parameters that make a difference; all of them when absent."),
        new ConfigKey(
            "headers", ValueShape.List(ValueShape.String), "Fields of requests that make a difference besides Vary.")
        {
            Default = "[]",
        },
        new ConfigKey(
            "consumer", ValueShape.Boolean, "Clients with different consumers' certificates share no response.")
        {
            Default = "false",
        },
        new ConfigKey(
            "clientDirectives", ValueShape.Choice("honour", "ignore"), "What Cache-Control of a request may decide.")
        {
            Default = "honour",
        },
        new ConfigKey(
            "setCookie", ValueShape.Choice("refuse", "strip", "store"), "What is stored of a response with Set-Cookie.")
        {
            Default = "refuse",
        },
        new ConfigKey(
            "staleWhileRevalidate", s_time, "How long a stale response is sent while a new one is fetched.")
        {
            Default = "0s",
        },
        new ConfigKey("staleIfError", s_time, "How long a stale response is sent in place of an error.")
        {
            Default = "0s",
        },
        new ConfigKey(
            "wait", ValueShape.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            "How long a request waits for a response that another one fetches; 0s for not at all.")
        {
            Default = "5s",
        },
        new ConfigKey("status", ValueShape.Boolean, "Responses have the Cache-Status field.") { Default = "true" });

    /// <summary>Null for none.</summary>
    public TimeSpan? Ttl { get; init; }

    public bool Override { get; init; }

    /// <summary>From 0 to 1.</summary>
    public double Heuristic { get; init; }

    public TimeSpan HeuristicMaximum { get; init; }

    /// <summary>Null for the whole query.</summary>
    public ImmutableArray<string>? Query { get; init; }

    public ImmutableArray<string> Headers { get; init; } = [];

    /// <summary>What is stored for a client's certificate answers no other consumer.</summary>
    public bool Consumer { get; init; }

    public bool HonoursClients { get; init; }

    public SetCookieMode SetCookie { get; init; }

    public TimeSpan StaleWhileRevalidate { get; init; }

    public TimeSpan StaleIfError { get; init; }

    public TimeSpan Wait { get; init; }

    public bool Status { get; init; }

    /// <summary>Reads the value of the kind's key; to be used only when no errors were added.</summary>
    public static CacheConfig Read(ConfigNode node, string path, ConfigErrors errors)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        var config = new CacheConfig
        {
            Ttl = reader.OptionalDuration("ttl"),
            Override = reader.Bool("override"),
            Heuristic = reader.Percent("heuristic"),
            HeuristicMaximum = reader.Duration("heuristicMaximum"),
            Query = reader.Node("query") is null ? null : NamesOf(reader, "query", errors),
            Headers = NamesOf(reader, "headers", errors),
            Consumer = reader.Bool("consumer"),
            HonoursClients = string.Equals(reader.Choice("clientDirectives"), "honour", StringComparison.Ordinal),
            SetCookie = reader.Enum<SetCookieMode>("setCookie"),
            StaleWhileRevalidate = reader.Duration("staleWhileRevalidate"),
            StaleIfError = reader.Duration("staleIfError"),
            Wait = reader.Duration("wait"),
            Status = reader.Bool("status"),
        };
        if (config.Override && config.Ttl is null)
            reader.Error("override", "there is no ttl to use instead", "add 'ttl: 60s', or remove override");
        return config;
    }

    internal static void Validate(
        ConfigNode node, string path, GatewayConfigReferences references, ConfigErrors errors) =>
        Read(node, path, errors);

    private static ImmutableArray<string> NamesOf(NodeReader reader, string key, ConfigErrors errors)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List(key))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string name)) continue;
            bool isName = name.Length > 0 && name.All(c => c is > ' ' and < '\x7f' and not (',' or ':' or '=' or '&'));
            if (isName) names.Add(name);
            else errors.Add(item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is no name", "write one name");
        }
        return names.ToImmutable();
    }
}
