using System.Runtime.InteropServices;

namespace DataPlane.Lambda.Native;

/// <summary>
/// Starts a program in a session of its own, with nothing of this process but the three descriptors it is given:
/// signals as they are by default, no environment but the one named. The caller's thread waits for the exec only.
/// </summary>
internal static unsafe class SpawnedProgram
{
    /// <summary>Larger than <c>posix_spawnattr_t</c> and <c>posix_spawn_file_actions_t</c> of any C library.</summary>
    private const int OpaqueBytes = 1024;

    /// <summary>Signals that this process handles or ignores itself: HUP, INT, QUIT, USR1, PIPE, TERM, CHLD.</summary>
    private static ReadOnlySpan<byte> OwnSignals => [1, 2, 3, 10, 13, 15, 17];

    /// <summary>0, or the error of the call. <paramref name="socket"/> becomes descriptor 3, if not negative.</summary>
    public static int Start(
        IReadOnlyList<string> words, IReadOnlyList<string> environment, string folder, int output, int socket,
        out int pid)
    {
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* signals = stackalloc byte[OpaqueBytes];
        var arguments = Texts(words);
        var variables = Texts(environment);
        var path = Text(folder);
        var nowhere = Text("/dev/null");
        LibC.ActionsBegin(actions);
        LibC.AttributesBegin(attributes);
        try
        {
            LibC.ActionsOpen(actions, 0, (byte*)nowhere, 0, 0);
            LibC.ActionsDuplicate(actions, output, 1);
            LibC.ActionsDuplicate(actions, output, 2);
            if (socket >= 0) LibC.ActionsDuplicate(actions, socket, 3);
            LibC.ActionsChangeFolder(actions, (byte*)path);
            LibC.SignalsNone(signals);
            LibC.AttributesSignalMask(attributes, signals);
            foreach (byte signal in OwnSignals) LibC.SignalsAdd(signals, signal);
            LibC.AttributesSignalDefault(attributes, signals);
            LibC.AttributesFlags(
                attributes,
                LibC.SpawnSetSession | LibC.SpawnSetSignalMask | LibC.SpawnSetSignalDefault);
            fixed (nint* argv = arguments, envp = variables)
            {
                return LibC.Spawn(out pid, (byte*)argv[0], actions, attributes, (byte**)argv, (byte**)envp);
            }
        }
        finally
        {
            LibC.ActionsEnd(actions);
            LibC.AttributesEnd(attributes);
            Free(arguments);
            Free(variables);
            Marshal.FreeCoTaskMem(path);
            Marshal.FreeCoTaskMem(nowhere);
        }
    }

    private static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    private static nint[] Texts(IReadOnlyList<string> texts)
    {
        var pointers = new nint[texts.Count + 1];
        for (int each = 0; each < texts.Count; each++) pointers[each] = Text(texts[each]);
        return pointers;
    }

    private static void Free(nint[] pointers)
    {
        foreach (nint pointer in pointers) Marshal.FreeCoTaskMem(pointer);
    }
}
