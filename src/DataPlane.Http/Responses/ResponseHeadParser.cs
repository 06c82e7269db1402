using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Http.Responses;

/// <summary>Bytes to <see cref="ResponseHead"/>, as strict as the request side: what an upstream sends decides where
/// the next response begins. 0 bytes allocated once the head's array has its size. One caller per head.</summary>
public static class ResponseHeadParser
{
    /// <summary>The contract of <see cref="RequestHeadParser.Parse"/>; <paramref name="requestMethod"/> is the method
    /// of the request being answered, because an answer to HEAD has no body.</summary>
    public static ParseStatus Parse(
        ReadOnlySpan<byte> bytes, ResponseHead head, RequestMethod requestMethod, in HeadLimits limits)
    {
        if (head.Stage == ResponseStage.Ended)
            return head.Fault == ResponseFault.None ? ParseStatus.Complete : ParseStatus.Invalid;

        if (head.Stage != ResponseStage.Fields)
        {
            var lineStatus = StatusLineParser.Parse(bytes, head, limits, out var fault);
            if (lineStatus == ParseStatus.Invalid)
                return Refuse(head, fault);
            if (lineStatus == ParseStatus.Incomplete)
                return ParseStatus.Incomplete;
            head.Stage = ResponseStage.Fields;
        }

        return ReadFields(bytes, head, requestMethod, limits);
    }

    private static ParseStatus ReadFields(
        ReadOnlySpan<byte> bytes, ResponseHead head, RequestMethod requestMethod, in HeadLimits limits)
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
                var fault = FramingFields.Apply(bytes, section, ref field, head.VersionMinor);
                if (fault != HeadFault.None)
                    return Refuse(head, (ResponseFault)fault);
            }

            switch (status)
            {
                case FieldLineStatus.Field:
                    break;
                case FieldLineStatus.End:
                    FramingFields.MarkNamedFields(bytes, section);
                    Finish(head, requestMethod);
                    return ParseStatus.Complete;
                case FieldLineStatus.Incomplete:
                    return ParseStatus.Incomplete;
                default:
                    return Refuse(head, (ResponseFault)section.Fault);
            }
        }
    }

    private static void Finish(ResponseHead head, RequestMethod requestMethod)
    {
        var section = head.Section;
        var isBodiless = requestMethod == RequestMethod.Head || head.StatusCode is < 200 or 204 or 304;
        head.Framing = isBodiless ? BodyFraming.None
            : section.IsChunked ? BodyFraming.Chunked
            : section.HasContentLength ? BodyFraming.Length
            : BodyFraming.UntilClose;
        head.KeepAlive = head.Framing != BodyFraming.UntilClose
            && (section.Options & ConnectionOptions.Close) == 0
            && (head.VersionMinor == 1 || (section.Options & ConnectionOptions.KeepAlive) != 0);
        head.HeadLength = section.LineStart;
        head.Stage = ResponseStage.Ended;
    }

    private static ParseStatus Refuse(ResponseHead head, ResponseFault fault)
    {
        head.Fault = fault;
        head.Stage = ResponseStage.Ended;
        return ParseStatus.Invalid;
    }
}
