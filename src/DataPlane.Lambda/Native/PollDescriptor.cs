using System.Runtime.InteropServices;

namespace DataPlane.Lambda.Native;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short Ready;
}
