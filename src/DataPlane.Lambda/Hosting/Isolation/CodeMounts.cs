using System.Buffers.Binary;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Isolation;

/// <summary>
/// Makes the folders of code read-only for what this thread starts: the thread has a view of the file systems of its
/// own, in which they are mounted so, and its children inherit it. Nobody else sees that. Costs a start two looks at
/// the folder. Keeper's thread.
/// </summary>
internal sealed unsafe class CodeMounts
{
    private const nuint Bind = 0x1000;
    private const nuint Recursive = 0x4000;
    private const nuint Remount = 0x20;
    private const nuint ReadOnly = 0x1;
    private const nuint Follows = 0x80000;
    private const int Detach = 2;
    private const uint WantsIdentity = 0x100;
    private const int AnswerBytes = 256;

    private readonly Dictionary<string, (ulong File, ulong Device)> _bound = new(StringComparer.Ordinal);
    private int _outside = -1;

    /// <summary>False, with the kernel's reason, when the thread may not.</summary>
    public bool TryBegin(out int error)
    {
        // Opened before: what is looked up from here is as everybody else sees it.
        _outside = LibC.OpenAt(LibC.AtCurrentFolder, "/", LibC.PathOnly | LibC.CloseOnExec);
        // Mounts of others still show up here, ours do not elsewhere.
        bool isOwn = _outside >= 0 && LibC.Unshare(LibC.NewMounts) == 0
            && LibC.Mount(null, "/", null, Recursive | Follows, 0) == 0;
        error = isOwn ? 0 : LibC.LastError;
        return isOwn;
    }

    /// <summary>0, or the error of the call that failed.</summary>
    public int Protect(string folder)
    {
        var outside = IdentityOf(_outside, folder.TrimStart('/'));
        if (_bound.TryGetValue(folder, out var bound))
        {
            if (bound == outside) return 0;
            // Another folder has taken its place, as deployments do.
            _bound.Remove(folder);
            LibC.Unmount(folder, Detach);
        }
        if (LibC.Mount(folder, folder, null, Bind | Recursive, 0) < 0) return LibC.LastError;
        if (LibC.Mount(null, folder, null, Bind | Remount | ReadOnly, 0) < 0)
        {
            int error = LibC.LastError;
            LibC.Unmount(folder, Detach);
            return error;
        }
        _bound[folder] = outside;
        return 0;
    }

    /// <summary>What statx(2) says of it; zeros when there is no such folder.</summary>
    private static (ulong File, ulong Device) IdentityOf(int from, string path)
    {
        var answer = stackalloc byte[AnswerBytes];
        if (LibC.Stat(from, path.Length == 0 ? "." : path, 0, WantsIdentity, answer) < 0) return default;
        var fields = new ReadOnlySpan<byte>(answer, AnswerBytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(fields[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(fields[136..]));
    }
}
