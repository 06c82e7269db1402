using System.Reflection;
using System.Runtime.Loader;

namespace DataPlane.Bootstrap;

/// <summary>
/// A function's assembly with what its <c>.deps.json</c> names, apart from the bootstrap's own: two versions of a
/// library do not meet. What it does not bring is the runtime's.
/// </summary>
internal sealed class FunctionAssembly(string path) : AssemblyLoadContext("function")
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    public Assembly Load() => LoadFromAssemblyPath(path);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
