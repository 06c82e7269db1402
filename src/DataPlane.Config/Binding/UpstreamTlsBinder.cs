using System.Collections.Immutable;
using System.Security.Cryptography;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;
using DataPlane.Config.Tls;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>tls</c> of an upstream.</summary>
internal static class UpstreamTlsBinder
{
    private const string PinPrefix = "sha256/";

    public static KeyTable Keys { get; } = new(
        new ConfigKey("serverName", ValueShape.String, "Name asked for, and found in the certificate; else the URL's."),
        new ConfigKey("authorities", ValueShape.String, "PEM file of those to believe; else the system's."),
        new ConfigKey("certificate", ValueShape.String, "PEM or PFX file shown to the upstream."),
        new ConfigKey("key", ValueShape.String, "PEM file of its private key, if it is not in the other file."),
        new ConfigKey("password", ValueShape.String, "Of an encrypted key or PFX file.") { Secret = true },
        new ConfigKey(
            "pins", ValueShape.List(ValueShape.String),
            "Public keys, one of which the chain must have: sha256/ and the base64 of the SHA-256 of the SPKI.")
        {
            Default = "[]",
        },
        new ConfigKey("verify", ValueShape.Boolean, "False takes any certificate: for tests only.")
        {
            Default = "true",
        },
        TlsBinder.MinimumVersion);

    /// <summary>Null when no endpoint speaks TLS.</summary>
    public static UpstreamTlsConfig? Bind(
        NodeReader upstream, ImmutableArray<EndpointConfig> endpoints, CertificateFiles files, ConfigErrors errors)
    {
        var reader = upstream.Section("tls");
        bool isWritten = upstream.Node("tls") is not null;
        if (!endpoints.Any(endpoint => endpoint.IsTls))
        {
            if (isWritten && !endpoints.IsEmpty)
                upstream.Error("tls", "means nothing without an https endpoint", "write https:// in its URL");
            return null;
        }
        string? serverName = reader.OptionalString("serverName");
        if (serverName is not null && !HostRules.IsName(serverName))
            reader.Error("serverName", "is not a host name", "write a name such as users.internal");
        if (!isWritten) return new UpstreamTlsConfig();
        bool hasKey = reader.Node("key") is not null || reader.Node("password") is not null;
        if (reader.Node("certificate") is null && hasKey)
            reader.Error("certificate", "is missing beside the key", "name the certificate's file");
        var tls = new UpstreamTlsConfig
        {
            ServerName = serverName?.ToLowerInvariant(),
            Authorities = files.ReadAuthorities(reader, "authorities"),
            Certificate = reader.Node("certificate") is null ? null : files.ReadChain(reader),
            Pins = BindPins(reader, errors),
            Verify = reader.Bool("verify"),
            Protocols = TlsBinder.ProtocolsOf(reader),
        };
        if (!tls.Verify && tls.Authorities is not null)
            reader.Error("verify", "false makes authorities useless", "remove one of the two");
        return tls;
    }

    private static ImmutableArray<string> BindPins(NodeReader reader, ConfigErrors errors)
    {
        var pins = ImmutableArray.CreateBuilder<string>();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (PlacedNode item in reader.List("pins"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            bool isPin = text.StartsWith(PinPrefix, StringComparison.Ordinal)
                && Convert.TryFromBase64String(text[PinPrefix.Length..], hash, out int length)
                && length == hash.Length;
            if (isPin) pins.Add(text[PinPrefix.Length..]);
            else errors.Add(
                item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is no pin",
                "write sha256/ and 44 characters of base64, as curl --pinnedpubkey takes after sha256//");
        }
        return pins.ToImmutable();
    }
}
