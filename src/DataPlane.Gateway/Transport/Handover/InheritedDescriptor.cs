using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Handover;

/// <summary>Whether a descriptor stays open in programs this process starts.</summary>
public static class InheritedDescriptor
{
    public static void Set(int descriptor, bool isInherited) =>
        LibC.FileControl(descriptor, LibC.SetDescriptorFlags, isInherited ? 0 : LibC.CloseOnExecFlag);
}
