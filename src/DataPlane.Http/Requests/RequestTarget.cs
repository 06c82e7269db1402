using System.Text;

namespace DataPlane.Http.Requests;

/// <summary>Splits a target whose bytes are already known to be allowed (RFC 9112 3.2).</summary>
internal static class RequestTarget
{
    /// <summary>Fills form, path, query and, for the absolute-form, the host.</summary>
    public static RequestFault Analyze(ReadOnlySpan<byte> bytes, RequestHead head)
    {
        // RFC 9110 9.1: a method the server does not implement is 501, whatever its target looks like.
        if (head.Method == RequestMethod.Connect)
            return RequestFault.ConnectRefused;

        var target = head.TargetRange.Of(bytes);
        if (!AreEscapesValid(target))
            return RequestFault.BadEscape;
        if (target[0] == '/')
        {
            head.Form = TargetForm.Origin;
            SplitQuery(bytes, head, head.TargetRange.Start);
            return RequestFault.None;
        }

        if (target is [(byte)'*'])
        {
            head.Form = TargetForm.Asterisk;
            head.PathRange = head.TargetRange;
            return head.Method == RequestMethod.Options ? RequestFault.None : RequestFault.BadTargetForm;
        }

        return AnalyzeAbsolute(bytes, head);
    }

    private static RequestFault AnalyzeAbsolute(ReadOnlySpan<byte> bytes, RequestHead head)
    {
        var target = head.TargetRange.Of(bytes);
        var scheme = target.IndexOf("://"u8);
        if (scheme <= 0)
            return RequestFault.BadTargetForm;
        head.IsHttpsTarget = Ascii.EqualsIgnoreCase(target[..scheme], "https"u8);
        if (!head.IsHttpsTarget && !Ascii.EqualsIgnoreCase(target[..scheme], "http"u8))
            return RequestFault.UnsupportedScheme;

        var start = head.TargetRange.Start + scheme + "://"u8.Length;
        var length = bytes[start..head.TargetRange.End].IndexOfAny((byte)'/', (byte)'?');
        if (length < 0)
            length = head.TargetRange.End - start;
        head.HostRange = new ByteRange(start, length);
        if (!HostName.TrySplit(bytes, head.HostRange, out var name, out var port))
            return RequestFault.BadAuthority;
        head.HostNameRange = name;
        head.HostPort = port;
        head.Form = TargetForm.Absolute;
        SplitQuery(bytes, head, start + length);
        return RequestFault.None;
    }

    private static void SplitQuery(ReadOnlySpan<byte> bytes, RequestHead head, int pathStart)
    {
        var end = head.TargetRange.End;
        var pathLength = bytes[pathStart..end].IndexOf((byte)'?');
        if (pathLength < 0)
        {
            head.PathRange = new ByteRange(pathStart, end - pathStart);
            return;
        }

        head.PathRange = new ByteRange(pathStart, pathLength);
        head.HasQuery = true;
        head.QueryRange = new ByteRange(pathStart + pathLength + 1, end - pathStart - pathLength - 1);
    }

    /// <summary>A percent sign that starts no escape is read in different ways by different servers (kept, dropped,
    /// %u-decoded), in the query as well as in the path.</summary>
    private static bool AreEscapesValid(ReadOnlySpan<byte> target)
    {
        while (true)
        {
            var percent = target.IndexOf((byte)'%');
            if (percent < 0)
                return true;
            target = target[(percent + 1)..];
            if (target.Length < 2 || HexDigits.ValueOf(target[0]) < 0 || HexDigits.ValueOf(target[1]) < 0)
                return false;
        }
    }
}
