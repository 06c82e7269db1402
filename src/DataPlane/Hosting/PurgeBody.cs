using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlane.Gateway.Caching;

namespace DataPlane.Hosting;

/// <summary>
/// The body of <c>POST /cache/purge</c>: one of key, prefix, tag and all. Set, not initialised: generated readers would
/// put null where a key is absent.
/// </summary>
internal sealed record PurgeBody
{
    public string? Key { get; set; }

    public string? Prefix { get; set; }

    public string? Tag { get; set; }

    public bool All { get; set; }

    /// <summary>What is stored is validated before it is used again, and is there when the upstream is not.</summary>
    public bool Soft { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>What is wrong with it; null when it says one thing to take out.</summary>
    [JsonIgnore]
    public string? Problem
    {
        get
        {
            if (Others?.Keys.FirstOrDefault() is { } other) return $"'{other}' is no key of this body";
            int count = (Key is null ? 0 : 1) + (Prefix is null ? 0 : 1) + (Tag is null ? 0 : 1) + (All ? 1 : 0);
            if (count == 0) return "the body has none of key, prefix, tag and all";
            if (count > 1) return "the body has more than one of key, prefix, tag and all";
            if (Tag is { Length: 0 }) return "the tag is empty";
            return Tag?.AsSpan().IndexOfAny(", ") >= 0 ? "a tag has no space or comma in it" : null;
        }
    }

    /// <summary>What to take out; for a body without a <see cref="Problem"/>.</summary>
    [JsonIgnore]
    public (PurgeScope Scope, string Value) Order => this switch
    {
        { Key: { } key } => (PurgeScope.Key, key),
        { Prefix: { } prefix } => (PurgeScope.Prefix, prefix),
        { Tag: { } tag } => (PurgeScope.Tag, tag),
        _ => (PurgeScope.All, ""),
    };
}
