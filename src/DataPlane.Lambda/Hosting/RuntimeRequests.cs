using DataPlane.Http.Requests;

namespace DataPlane.Lambda.Hosting;

/// <summary>The addresses of the Runtime API. 0 bytes.</summary>
internal static class RuntimeRequests
{
    private static ReadOnlySpan<byte> Version => "/2018-06-01/"u8;

    private static ReadOnlySpan<byte> Invocation => "runtime/invocation/"u8;

    public static RuntimeRequest Of(RequestHead head, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> id)
    {
        id = default;
        var path = head.PathRange.Of(bytes);
        if (!path.StartsWith(Version)) return RuntimeRequest.Unknown;
        path = path[Version.Length..];
        bool isGet = head.Method == RequestMethod.Get;
        bool isPost = head.Method == RequestMethod.Post;
        if (path.SequenceEqual("ping"u8)) return Checked(RuntimeRequest.Ping, isGet);
        if (path.SequenceEqual("runtime/init/error"u8)) return Checked(RuntimeRequest.InitError, isPost);
        if (!path.StartsWith(Invocation)) return RuntimeRequest.Unknown;
        path = path[Invocation.Length..];
        if (path.SequenceEqual("next"u8)) return Checked(RuntimeRequest.Next, isGet);
        int slash = path.IndexOf((byte)'/');
        if (slash < 0) return RuntimeRequest.Unknown;
        id = path[..slash];
        path = path[(slash + 1)..];
        if (path.SequenceEqual("response"u8)) return Checked(RuntimeRequest.Response, isPost);
        return path.SequenceEqual("error"u8)
            ? Checked(RuntimeRequest.Error, isPost)
            : RuntimeRequest.Unknown;
    }

    private static RuntimeRequest Checked(RuntimeRequest request, bool isRightMethod) =>
        isRightMethod ? request : RuntimeRequest.WrongMethod;
}
