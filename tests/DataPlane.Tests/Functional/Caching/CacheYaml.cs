namespace DataPlane.Tests.Functional.Caching;

/// <summary>Configurations of tests about the cache.</summary>
internal static class CacheYaml
{
    /// <summary>Every path goes to the upstream through a cache with the given settings.</summary>
    public static string To(string url, string settings = "", string more = "") =>
        $$"""
        {{more}}
        upstreams: { up: { endpoints: [ { url: "{{url}}" } ] } }
        routes:
          - { id: all, match: { path: "/{path+}" }, policies: [ { cache: { {{settings}} } } ], to: { upstream: up } }
        """;
}
