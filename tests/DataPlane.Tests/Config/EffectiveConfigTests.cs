using System.Text.Json.Nodes;
using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class EffectiveConfigTests
{
    [Fact]
    public void Secrets_AreMaskedHoweverTheyCameIn()
    {
        string json = EffectiveConfig.Write(ConfigText.Load("""
            admin: { token: written-here }
            upstreams: { u: { endpoints: [ "http://${USERS}" ] } }
            routes:
              - match: { path: /, headers: { x-key: "${SECRET}" } }
                headers: { request: { set: { Authorization: "Bearer ${file:/run/secrets/token}" } } }
                to: { mock: { body: { key: "${SECRET}", open: 1 } } }
            """).Root);
        JsonNode root = JsonNode.Parse(json)!;
        Assert.Equal("***", (string?)root["admin"]!["token"]);
        Assert.Equal("***", (string?)root["upstreams"]!["u"]!["endpoints"]![0]);
        Assert.Equal("***", (string?)root["routes"]![0]!["match"]!["headers"]!["x-key"]);
        Assert.Equal("***", (string?)root["routes"]![0]!["headers"]!["request"]!["set"]!["Authorization"]);
        Assert.Equal("""{"key":"***","open":1}""", root["routes"]![0]!["to"]!["mock"]!["body"]!.ToJsonString());
        Assert.DoesNotContain("written-here", json, StringComparison.Ordinal);
        Assert.DoesNotContain(ConfigText.Secret, json, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", json, StringComparison.Ordinal);
        Assert.DoesNotContain("9001", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_AreFilledIn()
    {
        JsonNode root = JsonNode.Parse(EffectiveConfig.Write(ConfigText.Load("limits: { connections: 5 }").Root))!;
        Assert.Equal(5, (int)root["limits"]!["connections"]!);
        Assert.Equal("32KiB", (string?)root["limits"]!["requestHeadBytes"]);
        Assert.Equal("127.0.0.1:8080", (string?)root["listeners"]![0]!["address"]);
        Assert.Equal("stdout", (string?)root["accessLog"]!["to"]);
        Assert.Equal("", (string?)root["admin"]!["token"]);
    }

    [Fact]
    public void WhatIsWritten_LoadsToTheSameConfiguration()
    {
        const string Yaml = """
            transport: { kind: sockets }
            upstreams: { u: { endpoints: [ "http://a", { url: "http://b", weight: 2 } ] } }
            routes: [ { id: 5, match: { path: "/{x}" }, to: { upstream: u, rewrite: "/{x}" } } ]
            """;
        string first = EffectiveConfig.Write(ConfigText.Load(Yaml).Root);
        ConfigText.Config(first);
        Assert.Equal(first, EffectiveConfig.Write(ConfigText.Load(first).Root));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", connections: { max: 8 }")]
    public void ShortUpstream_LoadsAgain(string more) => ConfigText.Config(EffectiveConfig.Write(
        ConfigText.Load($"upstreams: {{ u: {{ endpoints: [ \"http://a\" ]{more} }} }}").Root));

    [Theory]
    [InlineData("$${a}")]
    [InlineData("$$$$")]
    [InlineData("$status $$$${x}")]
    public void LiteralDollars_StayThem(string written)
    {
        string first = EffectiveConfig.Write(ConfigText.Load(
            $"routes: [ {{ match: {{ path: / }}, to: {{ mock: {{ body: '{written}' }} }} }} ]").Root);
        Assert.Equal(first, EffectiveConfig.Write(ConfigText.Load(first).Root));
        Assert.Contains(written, first, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyFile_IsWrittenAsDefaults() => ConfigText.Config(EffectiveConfig.Write(null));
}
