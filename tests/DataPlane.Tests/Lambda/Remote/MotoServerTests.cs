using System.Text;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Remote;

/// <summary>
/// Python's moto stands in for AWS: it knows users, checks signatures by botocore's own signer, and answers with the
/// event.
/// </summary>
public sealed class MotoServerTests
{
    private const string Setup =
        """
        import io, json, sys, urllib.request, zipfile, boto3
        url = sys.argv[1]
        def post(path, body):
            urllib.request.urlopen(urllib.request.Request(
                url + path, data=body, method="POST", headers={"Content-Type": "text/plain"})).read()
        post("/moto-api/config", json.dumps({"lambda": {"use_docker": False}}).encode())
        keys = dict(endpoint_url=url, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        iam = boto3.client("iam", **keys)
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}", Path="/")["Role"]["Arn"]
        iam.create_user(UserName="u")
        iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}}))
        key = iam.create_access_key(UserName="u")["AccessKey"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): return event")
        boto3.client("lambda", **keys).create_function(
            FunctionName="echo", Runtime="python3.11", Role=role, Handler="app.handler",
            Code={"ZipFile": code.getvalue()})
        post("/moto-api/reset-auth", b"0")
        print(json.dumps({"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}))
        """;

    [LinuxFact]
    public async Task SignatureIsTakenAndTheAnswerComesBack()
    {
        // Debian has no package of it, so a machine without PyPI cannot have it.
        if (await RealTool.PythonWithAsync("moto.server") is not { } python)
        {
            Skipped.Say("MotoServerTests needs python's moto: pip install 'moto[server]'");
            return;
        }
        int port = RealTool.FreePort();
        string url = $"http://127.0.0.1:{port}";
        await using var server = RealTool.Start(
            python, "python3", "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", $"{port}");
        await Eventually.HoldsAsync(
            () => server.Said.Contains("Running on", StringComparison.Ordinal), $"moto's server: {server.Said}");
        var (status, said) = await RealTool.RunAsync(python, "python3", "-c", Setup, url);
        Assert.True(status == 0, said);
        using var json = JsonDocument.Parse(said.Split('\n').Single(line => line.StartsWith('{')));
        string Of(string name) => json.RootElement.GetProperty(name).GetString()!;

        await using var gateway = TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            $$"""
            functions:
              echo:
                lambda: "{{url}}/2015-03-31/functions/echo/invocations"
                region: eu-west-1
                credentials: { accessKey: "{{Of("id")}}", secretKey: "{{Of("secret")}}" }
              wrong:
                lambda: "{{url}}/2015-03-31/functions/echo/invocations"
                region: eu-west-1
                credentials: { accessKey: "{{Of("id")}}", secretKey: other }
            routes:
              - { id: echo, match: { path: /echo }, to: { function: echo, event: raw } }
              - { id: wrong, match: { path: /wrong }, to: { function: wrong, event: raw } }
            """);
        const string Event = """{"é":[1,2]}""";
        var good = await gateway.AskAsync(Post("/echo", Event));
        Assert.Equal((200, Event), (good.Status, Encoding.UTF8.GetString(good.Body)));
        var bad = await gateway.AskAsync(Post("/wrong", Event));
        Assert.Equal(500, bad.Status);
        string told = Assert.Single(await gateway.TakeLoggedAsync());
        Assert.Contains("was refused with 403", told, StringComparison.Ordinal);
    }

    private static string Post(string path, string body) =>
        $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n"
        + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(body));
}
