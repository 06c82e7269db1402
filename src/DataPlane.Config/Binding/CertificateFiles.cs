using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DataPlane.Config.Reading;
using DataPlane.Config.Tls;

namespace DataPlane.Config.Binding;

/// <summary>
/// Reads the files that certificate keys name. They are read like the configuration itself, so that whoever watches it
/// watches them as well. Relative paths start at the folder of the file that names them.
/// </summary>
internal sealed class CertificateFiles(ConfigEnvironment environment, ConfigErrors errors)
{
    private const string CertificateKey = "certificate";
    private const string PrivateKey = "key";
    private const string Password = "password";

    /// <summary>
    /// By <c>certificate</c>, <c>key</c> and <c>password</c>; null, with an error, when it cannot be used.
    /// </summary>
    public CertificateChain? ReadChain(NodeReader reader)
    {
        if (Read(reader, CertificateKey) is not { } certificate) return null;
        byte[] key = [];
        if (reader.Node(PrivateKey) is not null)
        {
            if (Read(reader, PrivateKey) is not { } read) return null;
            key = read;
        }
        string? password = reader.OptionalString(Password);
        bool isPem = IsPem(certificate);
        if (!isPem && key.Length > 0)
        {
            reader.Error(PrivateKey, "is not used with a PFX file, which has its own", "remove it");
            return null;
        }
        var all = isPem ? ReadPem(reader, certificate, key, password) : ReadPfx(reader, certificate, password);
        if (all is null || all.Count == 0) return null;
        return new CertificateChain(
            all[0], [.. all.Skip(1)], reader.String(CertificateKey), Digest(certificate, key));
    }

    /// <summary>The certificates of a PEM file; null, with an error, when there is none.</summary>
    public CertificateAuthorities? ReadAuthorities(NodeReader reader, string key)
    {
        if (reader.Node(key) is null || Read(reader, key) is not { } bytes) return null;
        if (TryImport(bytes) is { Count: > 0 } all) return new CertificateAuthorities([.. all], Digest(bytes, []));
        reader.Error(key, "names a file without certificates", "name a PEM file with the authorities' certificates");
        return null;
    }

    private static List<X509Certificate2>? ReadPem(NodeReader reader, byte[] certificate, byte[] key, string? password)
    {
        var all = TryImport(certificate);
        if (all is null or { Count: 0 })
        {
            reader.Error(CertificateKey, "names a file without a certificate", "name a PEM or PFX file");
            return null;
        }
        string at = key.Length > 0 ? PrivateKey : CertificateKey;
        string keyText = Encoding.UTF8.GetString(key.Length > 0 ? key : certificate);
        string? label = KeyLabelOf(keyText);
        if (label is null)
        {
            reader.Error(
                at, "names a file without a private key", "add 'key: ...', the PEM file with the certificate's key");
            return null;
        }
        bool isEncrypted = label == "ENCRYPTED PRIVATE KEY";
        if (isEncrypted && password is null)
        {
            reader.Error(at, "names an encrypted key", "add 'password: \"${KEY_PASSWORD}\"'");
            return null;
        }
        try
        {
            string text = all[0].ExportCertificatePem();
            all[0].Dispose();
            all[0] = Portable(isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(text, keyText, password)
                : X509Certificate2.CreateFromPem(text, keyText));
            return all;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            bool isWrongPassword = isEncrypted && failure is CryptographicException;
            reader.Error(
                at,
                isWrongPassword ? "cannot be decrypted, or is not the certificate's" : "is not the certificate's key",
                isWrongPassword ? "check password and key" : "name the key the certificate was made for");
            return null;
        }
    }

    private static List<X509Certificate2>? ReadPfx(NodeReader reader, byte[] bytes, string? password)
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
            int leaf = all.ToList().FindIndex(each => each.HasPrivateKey);
            if (leaf >= 0) return [all[leaf], .. all.Where(each => !each.HasPrivateKey)];
            reader.Error(CertificateKey, "names a PFX file without a private key", "export it with the key");
        }
        catch (CryptographicException)
        {
            reader.Error(
                CertificateKey, "names a file that is neither PEM nor PFX, or has another password",
                "check the file and 'password'");
        }
        return null;
    }

    private static List<X509Certificate2>? TryImport(byte[] pem)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(Encoding.UTF8.GetString(pem));
            return [.. all];
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string? KeyLabelOf(string text)
    {
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var label = rest[fields.Label];
            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)) return label.ToString();
            rest = rest[fields.Location.End..];
        }
        return null;
    }

    // Windows has no TLS with a key that lives in memory only.
    private static X509Certificate2 Portable(X509Certificate2 certificate) => OperatingSystem.IsWindows()
        ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null)
        : certificate;

    private static bool IsPem(ReadOnlySpan<byte> bytes) => bytes.IndexOf("-----BEGIN "u8) >= 0;

    private static string Digest(byte[] first, byte[] second) =>
        Convert.ToHexStringLower(SHA256.HashData([.. first, 0, .. second]));

    private byte[]? Read(NodeReader reader, string key)
    {
        if (reader.Node(key) is not { } node) return null;
        if (!ScalarReader.TryText(node, reader.PathOf(key), errors, out string path)) return null;
        try
        {
            string folder = Path.GetDirectoryName(node.Mark.File) ?? "";
            byte[] bytes = environment.ReadFile(Path.Combine(folder, path), Limits.SecretFileBytes);
            if (bytes.Length <= Limits.SecretFileBytes) return bytes;
            reader.Error(key, "names a file larger than 1 MiB", "name a certificate or key");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            reader.Error(
                key, $"the file {ScalarReader.Quoted(node)} cannot be read",
                failure is UnauthorizedAccessException ? "let this user read it" : "check that it exists");
        }
        return null;
    }
}
