namespace DataPlane.Gateway.Compilation;

/// <summary>Makes a generation's <see cref="ISnapshotService"/>, before the routes are compiled.</summary>
public interface ISnapshotServiceFactory
{
    /// <summary>Cold; one compilation at a time. Starts nothing: the generation may never serve.</summary>
    ISnapshotService Create(CompilationContext context);
}
