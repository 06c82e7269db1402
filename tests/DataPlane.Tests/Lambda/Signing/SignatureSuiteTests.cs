using System.Text;
using System.Text.Json;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Signing;

namespace DataPlane.Tests.Lambda.Signing;

/// <summary>The SigV4 cases that AWS's own SDKs are held to: signed in a header, and in the query.</summary>
public sealed class SignatureSuiteTests
{
    private const string Suite = "aws/sigv4-test-suite";

    [Fact]
    public void SignedByHeader_EveryCaseComesOutAsStated() => CheckAll("header", SignByHeader);

    [Fact]
    public void SignedByQuery_EveryCaseComesOutAsStated() => CheckAll("query", SignByQuery);

    private static void CheckAll(string kind, Action<RequestSigner, SuiteCase, byte[]> sign)
    {
        if (!SharedCorpora.TryFind(Suite, out string folder)) return;
        var failures = new List<string>();
        int count = 0;
        foreach (string path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var example = SuiteCase.Read(path);
            var signer = new RequestSigner();
            byte[] signature = new byte[RequestSigner.SignatureBytes];
            sign(signer, example, signature);
            Compare(path, $"{kind}-canonical-request.txt", Encoding.UTF8.GetString(signer.CanonicalRequest), failures);
            Compare(path, $"{kind}-string-to-sign.txt", Encoding.UTF8.GetString(signer.StringToSign), failures);
            Compare(path, $"{kind}-signature.txt", Encoding.ASCII.GetString(signature), failures);
            count++;
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.True(count >= 30);
    }

    private static void Compare(string folder, string file, string ours, List<string> failures)
    {
        string theirs = File.ReadAllText(Path.Combine(folder, file));
        if (theirs == ours) return;
        failures.Add($"{Path.GetFileName(folder)}/{file}:\n{ours}\n--- instead of\n{theirs}");
    }

    private static void SignByHeader(RequestSigner signer, SuiteCase example, byte[] signature)
    {
        foreach (var (name, value) in example.Fields) Add(signer, name, value);
        Add(signer, "X-Amz-Date", example.Stamp);
        if (example.SignsToken) Add(signer, "X-Amz-Security-Token", example.Credentials.Token!);
        if (example.SignsBody) Add(signer, "X-Amz-Content-Sha256", Encoding.ASCII.GetString(example.BodyHash));
        signer.Fields.Sort();
        Sign(signer, example, example.Query, signature);
    }

    private static void SignByQuery(RequestSigner signer, SuiteCase example, byte[] signature)
    {
        foreach (var (name, value) in example.Fields) Add(signer, name, value);
        signer.Fields.Sort();
        var names = new PayloadBuffer();
        signer.Fields.AppendNames(names);
        string query = (example.Query.Length == 0 ? "" : example.Query + "&")
            + "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
            + Uri.EscapeDataString(
                $"{example.Credentials.AccessKey}/{Encoding.ASCII.GetString(example.Key.Scope)}")
            + $"&X-Amz-Date={example.Stamp}"
            + $"&X-Amz-SignedHeaders={Uri.EscapeDataString(Encoding.ASCII.GetString(names.Span))}"
            + $"&X-Amz-Expires={example.Lifetime}";
        if (example.SignsToken) query += $"&X-Amz-Security-Token={Uri.EscapeDataString(example.Credentials.Token!)}";
        Sign(signer, example, query, signature);
    }

    private static void Sign(RequestSigner signer, SuiteCase example, string query, byte[] signature)
    {
        var request = new SignableRequest
        {
            Method = Encoding.ASCII.GetBytes(example.Method),
            Path = Encoding.UTF8.GetBytes(example.Path),
            Query = Encoding.UTF8.GetBytes(query),
            PayloadHash = example.BodyHash,
            NormalizesPath = example.Normalizes,
        };
        signer.Sign(in request, Encoding.ASCII.GetBytes(example.Stamp), example.Key, signature);
    }

    private static void Add(RequestSigner signer, string name, string value) =>
        signer.Fields.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    private sealed record SuiteCase(
        string Method, string Path, string Query, List<(string, string)> Fields, byte[] BodyHash, JsonElement Context)
    {
        public SigningCredentials Credentials { get; } = new(
            Text(Context.GetProperty("credentials"), "access_key_id")!,
            Text(Context.GetProperty("credentials"), "secret_access_key")!,
            Text(Context.GetProperty("credentials"), "token"));

        public string Stamp { get; } = Text(Context, "timestamp")!.Replace("-", "").Replace(":", "");

        public bool Normalizes => Context.GetProperty("normalize").GetBoolean();

        public bool SignsBody => Context.GetProperty("sign_body").GetBoolean();

        public int Lifetime => Context.GetProperty("expiration_in_seconds").GetInt32();

        public bool SignsToken => Credentials.Token is not null
            && !(Context.TryGetProperty("omit_session_token", out var omits) && omits.GetBoolean());

        public SigningKey Key => new(
            Credentials.SecretKey, Encoding.ASCII.GetBytes(Stamp[..8]), Text(Context, "region")!,
            Text(Context, "service")!);

        public static SuiteCase Read(string folder)
        {
            string text = File.ReadAllText(System.IO.Path.Combine(folder, "request.txt")).ReplaceLineEndings("\n");
            int end = text.IndexOf("\n\n", StringComparison.Ordinal);
            string body = end < 0 ? "" : text[(end + 2)..];
            string[] lines = (end < 0 ? text : text[..end]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            int first = lines[0].IndexOf(' ', StringComparison.Ordinal);
            string target = lines[0][(first + 1)..lines[0].LastIndexOf(' ')];
            int mark = target.IndexOf('?', StringComparison.Ordinal);
            var fields = new List<(string Name, string Value)>();
            foreach (string line in lines[1..])
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                if (line[0] == ' ') fields[^1] = (fields[^1].Name, fields[^1].Value + "\n" + line);
                else fields.Add((line[..colon], line[(colon + 1)..]));
            }
            byte[] hash = new byte[PayloadDigest.Bytes];
            PayloadDigest.Write(Encoding.UTF8.GetBytes(body), hash);
            using var context = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(folder, "context.json")));
            return new SuiteCase(
                lines[0][..first], mark < 0 ? target : target[..mark], mark < 0 ? "" : target[(mark + 1)..], fields,
                hash, context.RootElement.Clone());
        }

        private static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
