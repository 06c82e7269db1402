using System.Globalization;
using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Bodies;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// The other half of strictness: whatever the RFC's grammar makes is taken, and means what it was made from.
/// </summary>
public sealed class HeadPropertyTests
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~09azAZ";

    private static readonly Gen<string> s_token =
        Gen.Elements(TokenCharacters.ToCharArray()).NonEmptyListOf().Resize(12).Select(string.Concat);

    /// <summary>Field values (RFC 9110 5.5): visible, obs-text, and blanks inside.</summary>
    private static readonly Gen<string> s_value =
        Gen.Elements("!~aZ09,;:=\"\\ \t\u0080\u00ff".ToCharArray()).ListOf().Resize(30)
            .Select(list => string.Concat(list).Trim(' ', '\t'));

    /// <summary>Names with a prefix, so that none is one that the parser has rules for.</summary>
    private static readonly Gen<(string Name, string Value)[]> s_fields =
        s_token.Select(name => "x-" + name.Replace('_', '-')).Zip(s_value).Select(pair => (pair.Item1, pair.Item2))
            .ListOf().Resize(20).Select(list => list.ToArray());

    private static readonly Gen<string> s_target =
        Gen.Elements("/", "a", "%41", "%e9", "~", "-", ".x", ";p", "@", ":", "!", "$", "&'()*+,=").NonEmptyListOf()
            .Resize(12).Select(parts => "/" + string.Concat(parts))
            .Zip(Gen.Elements("", "?", "?a=b", "?/?%20&=[]"), (path, query) => path + query);

    private static readonly FsCheck.Config s_config = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void RequestOfTheGrammar_IsTakenAsItWasMade() => Prop.ForAll(
        s_token.Zip(s_target).Zip(s_fields).ToArbitrary(),
        made =>
        {
            var ((method, target), fields) = (made.Item1, made.Item2);
            // CONNECT has a target of its own.
            if (method.StartsWith("CONNECT", StringComparison.Ordinal)) return;
            byte[] bytes = Latin1.Bytes($"{method} {target} HTTP/1.1\r\nHost: a\r\n{Lines(fields)}\r\n");
            var head = new RequestHead();
            Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(bytes, head, HeadLimits.Default));
            Assert.Equal(method, Latin1.Text(head.MethodRange.Of(bytes)));
            Assert.Equal(target, Latin1.Text(head.TargetRange.Of(bytes)));
            Assert.Equal(bytes.Length, head.HeadLength);
            var read = new List<(string, string)>();
            foreach (ref readonly var field in head.Fields[1..])
                read.Add((Latin1.Text(field.Name(bytes)), Latin1.Text(field.Value(bytes))));
            Assert.Equal(fields, read);
        }).Check(s_config);

    [Fact]
    public void ResponseOfTheGrammar_IsTakenAsItWasMade() => Prop.ForAll(
        Gen.Choose(200, 599).Zip(s_value).Zip(s_fields).ToArbitrary(),
        made =>
        {
            var ((status, reason), fields) = (made.Item1, made.Item2);
            byte[] bytes = Latin1.Bytes($"HTTP/1.1 {status} {reason}\r\n{Lines(fields)}\r\n");
            var head = new ResponseHead();
            Assert.Equal(
                ParseStatus.Complete, ResponseHeadParser.Parse(bytes, head, RequestMethod.Get, HeadLimits.Default));
            Assert.Equal(status, head.StatusCode);
            Assert.Equal(reason, Latin1.Text(head.ReasonRange.Of(bytes)).Trim(' ', '\t'));
            Assert.Equal(fields.Length, head.FieldCount);
        }).Check(s_config);

    [Fact]
    public void ChunksOfTheGrammar_AreTheirData() => Prop.ForAll(
        s_value.Where(data => data.Length > 0).Zip(s_token).ListOf().Resize(20).Zip(s_fields).ToArbitrary(),
        made =>
        {
            string body = string.Concat(made.Item1.Select(chunk =>
            {
                string size = chunk.Item1.Length.ToString("x", CultureInfo.InvariantCulture).PadLeft(3, '0');
                return $"{size};{chunk.Item2}=\"q\"\r\n{chunk.Item1}\r\n";
            }));
            byte[] bytes = Latin1.Bytes($"{body}0\r\n{Lines(made.Item2)}\r\nnext");
            var verdict = ChunkVerdict.Read(bytes, [bytes.Length], new ChunkedDecoder(8192, 100, 256));
            Assert.Equal(ChunkFault.None, verdict.Fault);
            Assert.Equal(string.Concat(made.Item1.Select(chunk => chunk.Item1)), verdict.Content);
            Assert.Equal(bytes.Length - 4, verdict.Consumed);
        }).Check(s_config);

    private static string Lines((string Name, string Value)[] fields) =>
        string.Concat(fields.Select(field => $"{field.Name}: {field.Value}\r\n"));
}
