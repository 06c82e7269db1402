using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>An authority of the test's own, and the files of what it has signed; gone with the test.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplane-certificates-").FullName;
    private readonly X509Certificate2 _authority;
    private byte _serial;

    public CertificateFolder(string name = "Test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        _authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(PathOf("ca.pem"), _authority.ExportCertificatePem());
    }

    public X509Certificate2 Authority => _authority;

    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>The key of a listener that serves with NAME.pem.</summary>
    public string ListenerTls(string name) =>
        $$"""tls: { certificates: [ { certificate: "{{PathOf(name)}}.pem", key: "{{PathOf(name)}}.key" } ] }""";

    /// <summary>
    /// Writes NAME.pem and NAME.key, over what was there before; the file's name is the subject's, too.
    /// </summary>
    public X509Certificate2 Issue(string name, params string[] hosts) => Issue(name, days: 20, hosts);

    public X509Certificate2 Issue(string name, int days, params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=\"Tests; \"", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else if (host.Contains(':', StringComparison.Ordinal)) names.AddUri(new Uri(host));
            else names.AddDnsName(host);
        }
        if (hosts.Length > 0) request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var issued = request.Create(_authority, now.AddDays(-1), now.AddDays(days), [1, 2, 3, ++_serial]);
        // In two steps, as Kubernetes and certbot do it: nobody may find half a file.
        Replace($"{name}.pem", issued.ExportCertificatePem());
        Replace($"{name}.key", key.ExportPkcs8PrivateKeyPem());
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Replace(string file, string text)
    {
        File.WriteAllText(PathOf(file + ".new"), text);
        File.Move(PathOf(file + ".new"), PathOf(file), overwrite: true);
    }
}
