using System.Collections.Immutable;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Http.Headers;
using DataPlane.Tests.Policies.Templates;

namespace DataPlane.Tests.Policies.Headers;

public sealed class HeaderRulesTests
{
    private static readonly TemplateRequest s_request = new TemplateRequest().With("id", "42");

    [Theory]
    [InlineData("X-Removed", true)]
    [InlineData("x-removed", true)]
    [InlineData("X-REMOVED", true)]
    [InlineData("X-Remover", false)]
    [InlineData("X-Removed2", false)]
    [InlineData("X-Set", true)]
    [InlineData("x-set", true)]
    [InlineData("X-Added", false)]
    [InlineData("X_Set", true)]
    [InlineData("x_SET", true)]
    [InlineData("X_Removed", true)]
    [InlineData("X_Added", false)]
    [InlineData("XxSet", false)]
    [InlineData("User_Agent", true)]
    [InlineData("User-Agent", true)]
    [InlineData("User_Agents", false)]
    [InlineData("Server", true)]
    [InlineData("SERVER", true)]
    [InlineData("Date", false)]
    [InlineData("Location", true)]
    [InlineData("Set-Cookie", false)]
    [InlineData("X_Forwarded_For", true)]
    [InlineData("X_Forwarded_Proto", false)]
    [InlineData("X-Forwarded-For", false)]
    [InlineData("", false)]
    public void Removes_RemovedAndSetNames(string name, bool expected)
    {
        var rules = Compile(
            remove: ["X-Removed", "Server", "x_forwarded_for", "User-Agent"],
            set: [("X-Set", "1"), ("location", "/")],
            add: [("X-Added", "1"), ("Set-Cookie", "a=b")]);
        var bytes = Encoding.ASCII.GetBytes(name);

        Assert.Equal(expected, rules.Removes(KnownHeaders.Identify(bytes), bytes));
    }

    [Fact]
    public void Write_WritesSetThenAdd()
    {
        var rules = Compile(
            add: [("Set-Cookie", "a=b"), ("X-Request", "{request.id} from {client.address}"), ("Set-Cookie", "c={id}")],
            set: [("X-Set", "1"), ("X-Empty", "")]);

        Assert.Equal(
            "X-Set: 1\r\nX-Empty: \r\nSet-Cookie: a=b\r\nX-Request: req-1 from 192.0.2.1\r\nSet-Cookie: c=42\r\n",
            Write(rules, s_request));
    }

    [Fact]
    public void OnlyRemove_WritesNothing() => Assert.Equal("", Write(Compile(remove: ["X"]), s_request));

    [Fact]
    public void NothingToDo_IsNull()
    {
        Assert.Null(HeaderRules.Compile(null, []));
        Assert.Null(HeaderRules.Compile(new HeaderRulesConfig(), []));
    }

    [Fact]
    public void ValueWithLineEnd_WritesNoLine()
    {
        var rules = Compile(set: [("X-Id", "{request.id}")]);
        var request = new TemplateRequest { RequestId = "a\r\nX-Evil: 1" };

        Assert.Equal(CompiledTemplate.Refused, rules.Write(request.Input(), new byte[256]));
    }

    [Fact]
    public void ShortDestination_DoesNotFit()
    {
        var rules = Compile(set: [("X-Set", "1")]);

        Assert.Equal(CompiledTemplate.DoesNotFit, rules.Write(s_request.Input(), new byte["X-Set: 1\r\n".Length - 1]));
        Assert.Equal("X-Set: 1\r\n".Length, rules.Write(s_request.Input(), new byte["X-Set: 1\r\n".Length]));
    }

    [Fact]
    public void ControlCharacterOfTheOperator_IsAnArgumentError() =>
        Assert.Throws<ArgumentException>(() => Compile(set: [("X", "a\u0001b")]));

    [Fact]
    public void RemovesAndWrite_AllocateNothing()
    {
        var rules = Compile(
            remove: ["Server", "X-Powered-By"], set: [("X-Id", "{id}")], add: [("Via", "{request.host}")]);
        var destination = new byte[256];
        var input = s_request.Input();
        Run(rules, input, destination, times: 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var written = Run(rules, input, destination, times: 1000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((0, 1000 * "X-Id: 42\r\nVia: example.com\r\n".Length), (allocated, written));
    }

    private static int Run(HeaderRules rules, in TemplateInput input, byte[] destination, int times)
    {
        var sum = 0;
        for (var i = 0; i < times; i++)
        {
            if (!rules.Removes(KnownHeader.Server, "Server"u8)) return -1;
            if (!rules.Removes(KnownHeader.Other, "x-powered-by"u8)) return -1;
            if (rules.Removes(KnownHeader.Other, "x-powered-up"u8)) return -1;
            sum += rules.Write(input, destination);
        }
        return sum;
    }

    private static HeaderRules Compile(
        string[]? remove = null, (string, string)[]? set = null, (string, string)[]? add = null)
    {
        var config = new HeaderRulesConfig { Remove = [.. remove ?? []], Set = Rules(set), Add = Rules(add) };
        return HeaderRules.Compile(config, [.. s_request.CaptureNames])!;
    }

    private static ImmutableArray<HeaderRule> Rules((string Name, string Value)[]? rules) =>
        [.. (rules ?? []).Select(rule => new HeaderRule(rule.Name, s_request.Parse(rule.Value)))];

    private static string Write(HeaderRules rules, TemplateRequest request)
    {
        var destination = new byte[1024];
        return Encoding.ASCII.GetString(destination, 0, rules.Write(request.Input(), destination));
    }
}
