using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

public sealed class FunctionBinderTests
{
    [Fact]
    public void EverythingWritten_IsBound()
    {
        var function = Assert.Single(ConfigText.Config(
            """
            functions:
              get-user:
                runtime: nodejs20.x
                code: /code
                handler: src/index.handler
                timeout: 5s
                memory: 256MiB
                environment: { TABLE: users, KEY: "${SECRET}" }
                concurrency: { provisioned: 1, reserved: 50, maximum: 8 }
                idleTimeout: 1m
            """).Functions);
        Assert.Equal(FunctionRuntime.Node, function.Runtime);
        Assert.Equal(("/code", "src/index.handler"), (function.Code, function.Handler));
        Assert.Equal((TimeSpan.FromSeconds(5), 256L << 20), (function.Timeout, function.Memory));
        Assert.Equal([("KEY", ConfigText.Secret), ("TABLE", "users")],
            function.Environment.Select(each => (each.Key, each.Value)));
        Assert.Equal((1, 50, 8), (function.Concurrency.Provisioned, function.Concurrency.Reserved!.Value,
            function.Concurrency.Maximum));
    }

    [Fact]
    public void Credentials_ArePlaceholdersUnlessWritten()
    {
        var functions = ConfigText.Config(
            """
            functions:
              a: { runtime: nodejs20.x, code: /c, handler: index.h }
              b: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: placeholder }
              c: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: none }
              d: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: chain }
              e: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: { profile: dev } }
              f: { runtime: dotnet8, code: /c, handler: A, credentials: { accessKey: k, secretKey: "${SECRET}" } }
            """).Functions;
        Assert.Null(functions[0].Credentials);
        Assert.Null(functions[1].Credentials);
        Assert.Equal(new CredentialsConfig { Signs = false }, functions[2].Credentials);
        Assert.Equal(new CredentialsConfig(), functions[3].Credentials);
        Assert.Equal(new CredentialsConfig { Profile = "dev" }, functions[4].Credentials);
        Assert.Equal(
            new CredentialsConfig { AccessKey = "k", SecretKey = ConfigText.Secret }, functions[5].Credentials);
        Assert.Equal(5, functions.Select(each => $"{each.Credentials}").Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void CredentialsThatAreNone_AreReported() => ConfigText.Fails(
        """
        functions:
          a: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: chian }
          b: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: { accessKey: k } }
          c: { runtime: nodejs20.x, code: /c, handler: index.h, credentials: {} }
        """,
        "g.yaml:2:70: functions.a.credentials: 'chian' is not known here; did you mean 'chain'?",
        "g.yaml:3:70: functions.b.credentials.secretKey: is required beside the other; write both, or a profile",
        "g.yaml:4:70: functions.c.credentials.profile: or accessKey and secretKey has to be written; "
            + "write one of them");

    [Theory]
    [InlineData("nodejs22.x", FunctionRuntime.Node)]
    [InlineData("python3.13", FunctionRuntime.Python)]
    [InlineData("dotnet8", FunctionRuntime.Dotnet)]
    [InlineData("provided.al2", FunctionRuntime.Command)]
    [InlineData("provided", FunctionRuntime.Command)]
    public void NameOfARuntime_IsKnown(string name, FunctionRuntime runtime) =>
        Assert.Equal(runtime, FunctionRuntimes.Of(name));

    [Theory]
    [InlineData("java21")]
    [InlineData("nodejs")]
    [InlineData("nodejs20.y")]
    [InlineData("python2.7")]
    [InlineData("")]
    public void NameOfNoRuntimeHere_IsNot(string name) => Assert.Null(FunctionRuntimes.Of(name));

    [Fact]
    public void WrongSettings_AreAllReported() => ConfigText.Fails(
        """
        functions:
          a: { runtime: java21, code: /c, handler: index.handler }
          b: { code: /c }
          c: { runtime: nodejs20.x, code: /c, handler: index }
          d: { runtime: nodejs20.x, code: /c, handler: index.h, environment: { AWS_REGION: x } }
          e: { runtime: nodejs20.x, code: /c, handler: index.h, concurrency: { provisioned: 9, maximum: 2 } }
          f: { runtime: python3.12, command: ./x, code: /c }
        """,
        "g.yaml:2:17: functions.a.runtime: 'java21' is not a runtime here; write nodejs20.x, python3.12, dotnet8, "
            + "provided.al2023, or a command instead",
        "g.yaml:3:6: functions.b.runtime: is required; write a runtime, such as nodejs20.x, or a command",
        "g.yaml:4:48: functions.c.handler: is not FILE.NAME; write the file without its ending and what it exports: "
            + "index.handler",
        "g.yaml:5:72: functions.d.environment.AWS_REGION: 'AWS_REGION' is set by the runtime itself; remove it",
        "g.yaml:6:85: functions.e.concurrency.provisioned: is larger than maximum; write at most 2",
        "g.yaml:7:38: functions.f.command: does not go with this runtime; remove one of runtime and command");

    [Theory]
    [InlineData("A::B.C::D", "")]
    [InlineData("A.B", "")]
    [InlineData("A::B", "X")]
    [InlineData("A::B::C::D", "X")]
    [InlineData("A::::D", "X")]
    public void HandlerOfDotnet_IsAMethodOrAnAssembly(string handler, string problem)
    {
        var errors = ConfigText.Load(
            $"functions: {{ a: {{ runtime: dotnet8, code: /c, handler: \"{handler}\" }} }}").Errors;
        if (problem.Length == 0) Assert.Empty(errors);
        else Assert.Contains("is neither Assembly::Type::Method nor", Assert.Single(errors).ToString());
    }

    [Fact]
    public void BinaryMediaTypes_AreOfRestApisAndMediaTypes() => ConfigText.Fails(
        """
        functions: { a: { command: /bin/x, code: /c } }
        routes:
          - { match: { path: /a }, to: { function: a, binaryMediaTypes: [image/png] } }
          - { match: { path: /b }, to: { function: a, event: rest, binaryMediaTypes: [image, "*/png", image/*, a/b*] } }
        """,
        "g.yaml:3:65: routes[0].to.binaryMediaTypes: is a setting of REST APIs; write event: rest, or remove it",
        "g.yaml:4:78: routes[1].to.binaryMediaTypes: 'image' is no media type; write one such as image/png, image/* "
            + "or */*",
        "g.yaml:4:78: routes[1].to.binaryMediaTypes: '*/png' is no media type; write one such as image/png, image/* "
            + "or */*",
        "g.yaml:4:78: routes[1].to.binaryMediaTypes: 'a/b*' is no media type; write one such as image/png, image/* "
            + "or */*");

    [Theory]
    [InlineData("functions: {}", "/etc/dataplane/dataplane-queue.db", null)]
    [InlineData("", "/var/lib/dataplane/dataplane-queue.db", "/var/lib/dataplane:/var/lib/other")]
    [InlineData("queue: { path: q.db }", "/etc/dataplane/q.db", "/var/lib/dataplane")]
    public void QueueWithoutAPath_IsInTheStateFolder(string yaml, string path, string? state)
    {
        var machine = ConfigText.Machine with
        {
            Variable = name => name == ConfigEnvironment.StateVariable ? state : null,
        };
        var config = ConfigLoader.Parse(yaml, "/etc/dataplane/gateway.yaml", overrides: null, machine).Config!;
        Assert.Equal(path, config.Queue.Path);
    }

    [Fact]
    public void MissingOnThisMachine_IsSaidWithWhatToDo()
    {
        var machine = ConfigText.Machine with
        {
            HasFile = path => path is "/code/index.mjs",
            HasFolder = path => path == "/code",
        };
        var errors = ConfigLoader.Parse(
            """
            functions:
              a: { runtime: nodejs20.x, code: /nowhere, handler: index.handler }
              b: { runtime: nodejs20.x, code: /code, handler: other.handler }
              c: { runtime: nodejs20.x, code: /code, handler: index.handler }
              d: { command: ./run, code: /code }
            """,
            "g.yaml", overrides: null, machine).Errors;
        Assert.Equal(
            [
                "g.yaml:2:35: functions.a.code: there is no folder /nowhere; create it, or correct the path",
                "g.yaml:3:17: functions.b.runtime: this machine has no node; install it: apt-get install nodejs",
                "g.yaml:3:51: functions.b.handler: there is no other.js or other.mjs or other.cjs in /code; create "
                    + "the file, or correct the name",
                "g.yaml:4:17: functions.c.runtime: this machine has no node; install it: apt-get install nodejs",
                "g.yaml:5:17: functions.d.command: this machine has no ./run; install it, or correct the path",
            ],
            errors.Select(each => each.ToString()));
    }
}
