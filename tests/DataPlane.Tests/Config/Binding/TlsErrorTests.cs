using System.Security.Cryptography;
using System.Text;
using DataPlane.Config;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>tls</c>: those of the keys, and those in the files they name.</summary>
public sealed class TlsErrorTests : IDisposable
{
    private readonly CertificateFolder _files = new();

    public TlsErrorTests()
    {
        _files.Issue("one", "one.example.com");
        _files.Issue("two", "two.example.com");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_files.PathOf("sealed.key"), key.ExportEncryptedPkcs8PrivateKeyPem(
            "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        File.WriteAllText(_files.PathOf("text"), "nothing");
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("certificate: one.pem, key: one.key", null)]
    [InlineData("certificate: gone.pem, key: one.key",
        "certificate: the file 'gone.pem' cannot be read; check that it exists")]
    [InlineData("certificate: one.pem, key: gone.key", "key: the file 'gone.key' cannot be read; check that it exists")]
    [InlineData("certificate: one.pem, key: two.key",
        "key: is not the certificate's key; name the key the certificate was made for")]
    [InlineData("certificate: one.pem, key: ca.pem",
        "key: names a file without a private key; add 'key: ...', the PEM file with the certificate's key")]
    [InlineData("certificate: one.pem",
        "certificate: names a file without a private key; add 'key: ...', the PEM file with the certificate's key")]
    [InlineData("certificate: one.key, key: one.key",
        "certificate: names a file without a certificate; name a PEM or PFX file")]
    [InlineData("certificate: text, key: one.key", "key: is not used with a PFX file, which has its own; remove it")]
    [InlineData("certificate: text",
        "certificate: names a file that is neither PEM nor PFX, or has another password; check the file and "
        + "'password'")]
    [InlineData("certificate: one.pem, key: sealed.key",
        "key: names an encrypted key; add 'password: \"${KEY_PASSWORD}\"'")]
    [InlineData("certificate: one.pem, key: sealed.key, password: wrong",
        "key: cannot be decrypted, or is not the certificate's; check password and key")]
    [InlineData("certificate: one.pem, key: one.key, hosts: [a b]",
        "hosts[0]: 'a b' is not a host; write api.example.com, *.example.com or *")]
    [InlineData("key: one.key", "certificate: is required; add 'certificate: ...'")]
    public void Certificate_IsReadOrRefused(string certificate, string? expected) => Check(
        $$"""listeners: [ { name: a, address: "127.0.0.1:80", tls: { certificates: [ { {{certificate}} } ] } } ]""",
        expected is null ? [] : [$"listeners[0].tls.certificates[0].{expected}"]);

    [Fact]
    public void PfxAndCombinedPem_AreRead()
    {
        using var issued = _files.Issue("three", "three.example.com");
        File.WriteAllBytes(_files.PathOf("three.pfx"), issued.Export(
            System.Security.Cryptography.X509Certificates.X509ContentType.Pkcs12, "secret"));
        File.WriteAllText(_files.PathOf("both.pem"),
            File.ReadAllText(_files.PathOf("one.pem")) + "\n" + File.ReadAllText(_files.PathOf("one.key")));

        var result = Load("""
            listeners:
              - name: a
                address: 127.0.0.1:80
                tls: { certificates: [ { certificate: three.pfx, password: secret }, { certificate: both.pem } ] }
            """);

        Assert.Empty(result.Errors);
        var certificates = result.Config!.Listeners[0].Tls!.Certificates;
        Assert.All(certificates, each => Assert.True(each.Chain.Leaf.HasPrivateKey));
        Assert.Equal(["three.example.com", "one.example.com"], certificates.SelectMany(each => each.Hosts));
    }

    [Theory]
    [InlineData("certificates: []", "certificates: the list is empty; add a certificate")]
    [InlineData("certificates: [ ONE ], clientCertificates: { mode: required }",
        "clientCertificates.authorities: is required to check clients' certificates; name a PEM file")]
    [InlineData("certificates: [ ONE ], clientCertificates: { mode: optional, authorities: one.key }",
        "clientCertificates.authorities: names a file without certificates; name a PEM file with the authorities' "
        + "certificates")]
    [InlineData("certificates: [ ONE ], minimumVersion: 1.1",
        "minimumVersion: '1.1' is not known here; write one of: 1.2, 1.3")]
    [InlineData("certificates: [ ONE ], cipherSuites: [TLS_AES_128_GCM_SHA265]",
        "cipherSuites[0]: 'TLS_AES_128_GCM_SHA265' is no cipher suite; did you mean 'TLS_AES_128_GCM_SHA256'?")]
    [InlineData("certificates: [ ONE, { certificate: two.pem, key: two.key, hosts: [one.example.com] } ]",
        "certificates[1].hosts[0]: another certificate has this host; write it once")]
    public void Listener_IsRefused(string tls, string expected) => Check(
        $$"""
        listeners: [ { name: a, address: "127.0.0.1:80", tls: { {{tls.Replace(
            "ONE", "{ certificate: one.pem, key: one.key }", StringComparison.Ordinal)}} } } ]
        """,
        $"listeners[0].tls.{expected}");

    [Theory]
    [InlineData("https://up:1", "serverName: a b",
        "serverName: is not a host name; write a name such as users.internal")]
    [InlineData("https://up:1", "key: one.key", "certificate: is missing beside the key; name the certificate's file")]
    [InlineData("https://up:1", "pins: [sha256/AAAA]",
        "pins[0]: 'sha256/AAAA' is no pin; write sha256/ and 44 characters of base64, as curl --pinnedpubkey takes "
        + "after sha256//")]
    [InlineData("https://up:1", "verify: false, authorities: ca.pem",
        "verify: false makes authorities useless; remove one of the two")]
    public void Upstream_IsRefused(string url, string tls, string expected) => Check(
        $$"""upstreams: { up: { endpoints: [ "{{url}}" ], tls: { {{tls}} } } }""", $"upstreams.up.tls.{expected}");

    [Fact]
    public void TlsWithoutAnHttpsEndpoint_IsRefused() => Check(
        """upstreams: { up: { endpoints: [ "http://up:1" ], tls: { verify: true } } }""",
        "upstreams.up.tls: means nothing without an https endpoint; write https:// in its URL");

    [Fact]
    public void AdminBeyondLoopback_NeedsATokenOrCertificates()
    {
        const string certificates = "certificates: [ { certificate: one.pem, key: one.key } ]";
        Check($"admin: {{ address: \"0.0.0.0:1\", tls: {{ {certificates} }} }}",
            "admin.token: is required when the admin address is reachable from other machines; set it, for example to "
            + "\"${DATAPLANE_ADMIN_TOKEN}\", or listen on 127.0.0.1");
        Check($"admin: {{ address: \"0.0.0.0:1\", tls: {{ {certificates}, "
            + "clientCertificates: { mode: required, authorities: ca.pem } } }");
    }

    private void Check(string yaml, params string[] expected)
    {
        var found = Load(yaml).Errors.Select(error => $"{error.Path}: {error.Message}; {error.Fix}");
        Assert.Equal(expected, found);
    }

    private ConfigResult Load(string yaml) => ConfigLoader.Parse(
        Encoding.UTF8.GetBytes(yaml), _files.PathOf("g.yaml"), overrides: null, ConfigEnvironment.Process, null);
}
