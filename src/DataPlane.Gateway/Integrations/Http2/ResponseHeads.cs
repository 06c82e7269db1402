using System.Net.Http.Headers;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Http;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Puts the head of an HTTP/2 response into the form the pipeline knows: rendered as lines and read by
/// <see cref="ResponseHeadParser"/>, as strict as with HTTP/1.1. Loop thread; the strings are the runtime's.
/// </summary>
internal static class ResponseHeads
{
    private const int FirstBytes = 1024;

    /// <summary>False when the head is not one: a byte that ends a line early, a name that is no token.</summary>
    public static bool TryTake(Exchange exchange, Http2Call call, HttpResponseMessage response, GrpcKind kind)
    {
        call.ReleaseHead();
        call.Head.Reset();
        call.HeadBytes = call.Loop.Slabs.Rent(FirstBytes);
        int length = 0;
        if ((int)response.StatusCode is < 200 or > 999) return false;
        PutStatus(call, ref length, (int)response.StatusCode);
        bool isGood = TryPutAll(call, ref length, response.Headers, kind)
            && TryPutAll(call, ref length, response.Content.Headers, kind);
        if (!isGood) return false;
        Put(call, ref length, "\r\n");
        var limits = exchange.Snapshot.ResponseHead;
        var status = ResponseHeadParser.Parse(
            call.HeadBytes.AsSpan(0, length), call.Head, exchange.Request.Method, in limits);
        return status == ParseStatus.Complete;
    }

    private static bool TryPutAll(Http2Call call, ref int length, HttpHeaders fields, GrpcKind kind)
    {
        foreach (var field in fields.NonValidated)
        {
            // RFC 9113 8.2.2: a field about the connection makes the response malformed.
            if (field.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) return false;
            bool isType = GrpcWeb.Speaks(kind)
                && field.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
            foreach (string value in field.Value)
            {
                if (value.AsSpan().ContainsAny('\r', '\n', '\0')) return false;
                string shown = isType ? GrpcWeb.TypeOf(kind, value) : value;
                Put(call, ref length, field.Key);
                Put(call, ref length, ": ");
                Put(call, ref length, shown);
                Put(call, ref length, "\r\n");
            }
        }
        return true;
    }

    private static void PutStatus(Http2Call call, ref int length, int status)
    {
        Put(call, ref length, "HTTP/1.1 ");
        Span<char> digits = stackalloc char[3];
        status.TryFormat(digits, out _, provider: System.Globalization.CultureInfo.InvariantCulture);
        Put(call, ref length, digits);
        Put(call, ref length, " \r\n");
    }

    private static void Put(Http2Call call, ref int length, ReadOnlySpan<char> text)
    {
        if (call.HeadBytes.Length - length < text.Length)
        {
            var slabs = call.Loop.Slabs;
            byte[] larger = slabs.Rent(Math.Max(call.HeadBytes.Length * 2, length + text.Length));
            call.HeadBytes.AsSpan(0, length).CopyTo(larger);
            slabs.Return(call.HeadBytes);
            call.HeadBytes = larger;
        }
        length += Encoding.Latin1.GetBytes(text, call.HeadBytes.AsSpan(length));
    }
}
