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
        .WithTarget(UpstreamTarget.Kind, UpstreamTarget.Read, UpstreamTarget.Keys)
        .WithTarget(SplitTarget.Kind, SplitTarget.Read, SplitTarget.Keys)
        .WithTarget(RedirectTarget.Kind, RedirectTarget.Read, RedirectTarget.Keys)
        .WithTarget(MockTarget.Kind, MockTarget.Read, MockTarget.Keys)
        .WithTarget(FunctionTarget.Kind, FunctionTarget.Read, FunctionTarget.Keys)
        .WithPolicy(RateLimitConfig.Kind, RateLimitConfig.Validate, RateLimitConfig.Keys)
        .WithPolicy(CacheConfig.Kind, CacheConfig.Validate, CacheConfig.Keys)
        .WithPolicy(
            ConcurrencyLimitConfig.Kind, ConcurrencyLimitConfig.Validate, ConcurrencyLimitConfig.Keys);

    /// <summary>By the key under <c>to</c> that names the kind.</summary>
    public ImmutableSortedDictionary<string, TargetExtension> Targets { get; private init; } =
        ImmutableSortedDictionary.Create<string, TargetExtension>(StringComparer.Ordinal);

    /// <summary>By the key in <c>policies</c> that names the kind.</summary>
    public ImmutableSortedDictionary<string, PolicyExtension> Policies { get; private init; } =
        ImmutableSortedDictionary.Create<string, PolicyExtension>(StringComparer.Ordinal);

    public ConfigExtensions WithTarget(string kind, TargetReader read, string schema) =>
        this with { Targets = Targets.SetItem(kind, new TargetExtension(read, schema)) };

    public ConfigExtensions WithTarget(string kind, TargetReader read, KeyTable keys) =>
        WithTarget(kind, read, JsonSchemaWriter.Section(keys).ToJsonString());

    public ConfigExtensions WithPolicy(string kind, NodeValidator validate, string schema) =>
        this with { Policies = Policies.SetItem(kind, new PolicyExtension(validate, schema)) };

    public ConfigExtensions WithPolicy(string kind, NodeValidator validate, KeyTable keys) =>
        WithPolicy(kind, validate, JsonSchemaWriter.Section(keys).ToJsonString());
}
