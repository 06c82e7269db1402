using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

/// <summary>Bytes to <see cref="RequestHead"/>: a pure function of the bytes and the limits (RFC 9112 2 to 6, read
/// strictly). 0 bytes allocated once the head's array has its size. One caller per head.</summary>
public static class RequestHeadParser
{
    /// <summary>
    /// <c>bytes[0]</c> is the head's first byte in every call. After <see cref="ParseStatus.Incomplete"/> call again
    /// with the same bytes and more behind them: reading goes on where it stopped, so that a slow client costs its
    /// bytes once. The verdict does not depend on how the bytes were split. After Complete or Invalid the same answer
    /// comes again until <see cref="RequestHead.Reset"/>.
    /// </summary>
    public static ParseStatus Parse(ReadOnlySpan<byte> bytes, RequestHead head, in HeadLimits limits)
    {
        if (head.Stage == RequestStage.Ended)
            return head.Fault == RequestFault.None ? ParseStatus.Complete : ParseStatus.Invalid;

        if (head.Stage == RequestStage.Start && PlainRequestLine.TryRead(bytes, head, limits))
        {
            head.Stage = RequestStage.Fields;
        }
        else if (head.Stage != RequestStage.Fields)
        {
            var lineStatus = RequestLineParser.Parse(bytes, head, limits, out var fault);
            if (lineStatus == ParseStatus.Invalid)
                return Refuse(head, fault);
            if (lineStatus == ParseStatus.Incomplete)
                return ParseStatus.Incomplete;
            head.Stage = RequestStage.Fields;
        }

        return ReadFields(bytes, head, limits);
    }

    private static ParseStatus ReadFields(ReadOnlySpan<byte> bytes, RequestHead head, in HeadLimits limits)
    {
        var section = head.Section;
        while (true)
        {
            var first = section.Count;
            var status = FieldLineReader.Read(bytes, section, limits);
            foreach (ref var field in section.Fields[first..])
            {
                if (!KnownHeaders.HasMeaning(field.Known))
                    continue;
                var fault = Apply(bytes, head, ref field);
                if (fault != RequestFault.None)
                    return Refuse(head, fault);
            }

            switch (status)
            {
                case FieldLineStatus.Field:
                    break;
                case FieldLineStatus.End:
                    return Finish(bytes, head);
                case FieldLineStatus.Incomplete:
                    return ParseStatus.Incomplete;
                default:
                    return Refuse(head, (RequestFault)section.Fault);
            }
        }
    }

    private static RequestFault Apply(ReadOnlySpan<byte> bytes, RequestHead head, ref HeaderField field)
    {
        switch (field.Known)
        {
            case KnownHeader.Host:
                return ApplyHost(bytes, head, field);
            case KnownHeader.Expect:
                return ApplyExpect(field.Value(bytes), head);
            default:
                return (RequestFault)FramingFields.Apply(bytes, head.Section, ref field, head.VersionMinor);
        }
    }

    private static RequestFault ApplyHost(ReadOnlySpan<byte> bytes, RequestHead head, in HeaderField field)
    {
        if (head.HasHost)
            return RequestFault.DuplicateHost;
        head.HasHost = true;
        if (!HostName.TrySplit(bytes, field.ValueRange, out var name, out var port))
            return RequestFault.BadHost;
        if (head.Form == TargetForm.Absolute)
            return IsSameAuthority(bytes, head, name.Of(bytes), port)
                ? RequestFault.None
                : RequestFault.HostMismatch;
        head.HostRange = field.ValueRange;
        head.HostNameRange = name;
        head.HostPort = port;
        return RequestFault.None;
    }

    /// <summary>RFC 9112 3.2.2 lets the target win; two hosts in one request are still a trap for whoever reads the
    /// other one, so we take them only when they agree.</summary>
    private static bool IsSameAuthority(ReadOnlySpan<byte> bytes, RequestHead head, ReadOnlySpan<byte> name, int port)
    {
        var defaultPort = head.IsHttpsTarget ? 443 : 80;
        var targetPort = head.HostPort < 0 ? defaultPort : head.HostPort;
        return (port < 0 ? defaultPort : port) == targetPort
            && Ascii.EqualsIgnoreCase(name, head.HostNameRange.Of(bytes));
    }

    private static RequestFault ApplyExpect(ReadOnlySpan<byte> value, RequestHead head)
    {
        if (head.VersionMinor == 0)
            return RequestFault.None;
        if (!Ascii.EqualsIgnoreCase(value, "100-continue"u8))
            return RequestFault.BadExpect;
        head.ExpectContinue = true;
        return RequestFault.None;
    }

    private static ParseStatus Finish(ReadOnlySpan<byte> bytes, RequestHead head)
    {
        var section = head.Section;
        if (head.VersionMinor == 1 && !head.HasHost)
            return Refuse(head, RequestFault.MissingHost);

        FramingFields.MarkNamedFields(bytes, section);
        head.Framing = section.IsChunked ? BodyFraming.Chunked
            : section.HasContentLength ? BodyFraming.Length
            : BodyFraming.None;
        head.KeepAlive = (section.Options & ConnectionOptions.Close) == 0
            && (head.VersionMinor == 1 || (section.Options & ConnectionOptions.KeepAlive) != 0);
        head.HasUpgrade = head.VersionMinor == 1
            && (section.Options & ConnectionOptions.Upgrade) != 0
            && section.Has(KnownHeader.Upgrade);
        head.HeadLength = section.LineStart;
        head.Stage = RequestStage.Ended;
        return ParseStatus.Complete;
    }

    private static ParseStatus Refuse(RequestHead head, RequestFault fault)
    {
        head.Fault = fault;
        head.Stage = RequestStage.Ended;
        return ParseStatus.Invalid;
    }
}
