using System.Collections.Immutable;
using DataPlane.Config.Policies;
using DataPlane.Config.Schema;
using DataPlane.Config.Targets;

namespace DataPlane.Config;

/// <summary>The kinds of targets and policies this gateway knows. Immutable; each With returns another set.</summary>
public sealed record ConfigExtensions
{
    private ConfigExtensions()
    {
    }

    /// <summary>The targets upstream, mock, redirect, split and function; the policies rateLimit and cache.</summary>
    public static ConfigExtensions BuiltIn { get; } = new ConfigExtensions()
        .WithTarget(UpstreamTarget.Kind, UpstreamTarget.Validate, UpstreamTarget.Keys)
        .WithTarget(SplitTarget.Kind, SplitTarget.Validate, SplitTarget.Keys)
        .WithTarget(RedirectTarget.Kind, RedirectTarget.Validate, RedirectTarget.Keys)
        .WithTarget(MockTarget.Kind, MockTarget.Validate, MockTarget.Keys)
        .WithTarget(FunctionTarget.Kind, FunctionTarget.Validate, FunctionTarget.Keys)
        .WithPolicy(RateLimitConfig.Kind, RateLimitConfig.Validate, RateLimitConfig.Keys)
        .WithPolicy(CacheConfig.Kind, CacheConfig.Validate, CacheConfig.Keys)
        .WithPolicy(
            ConcurrencyLimitConfig.Kind, ConcurrencyLimitConfig.Validate, ConcurrencyLimitConfig.Keys);

    /// <summary>By the key under <c>to</c> that names the kind.</summary>
    public ImmutableSortedDictionary<string, KindExtension> Targets { get; private init; } =
        ImmutableSortedDictionary.Create<string, KindExtension>(StringComparer.Ordinal);

    /// <summary>By the key in <c>policies</c> that names the kind.</summary>
    public ImmutableSortedDictionary<string, KindExtension> Policies { get; private init; } =
        ImmutableSortedDictionary.Create<string, KindExtension>(StringComparer.Ordinal);

    public ConfigExtensions WithTarget(string kind, NodeValidator validate, string schema) =>
        this with { Targets = Targets.SetItem(kind, new KindExtension(validate, schema)) };

    public ConfigExtensions WithTarget(string kind, NodeValidator validate, KeyTable keys) =>
        WithTarget(kind, validate, JsonSchemaWriter.Section(keys).ToJsonString());

    public ConfigExtensions WithPolicy(string kind, NodeValidator validate, string schema) =>
        this with { Policies = Policies.SetItem(kind, new KindExtension(validate, schema)) };

    public ConfigExtensions WithPolicy(string kind, NodeValidator validate, KeyTable keys) =>
        WithPolicy(kind, validate, JsonSchemaWriter.Section(keys).ToJsonString());
}
