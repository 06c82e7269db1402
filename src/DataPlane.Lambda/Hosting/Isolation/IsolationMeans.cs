namespace DataPlane.Lambda.Hosting.Isolation;

/// <summary>
/// What this machine lets the gateway separate functions with, found out when the first one starts. Keeper's thread.
/// </summary>
internal sealed class IsolationMeans(Action<string> tell)
{
    private CodeMounts? _mounts;
    private ControlGroups? _groups;
    private bool _isMountTold;

    /// <summary>On the thread that starts processes, before the first one.</summary>
    public void Begin()
    {
        _groups = ControlGroups.OfThisProcess();
        var lacks = new List<string>();
        if (_groups.Missing is { Length: > 0 } missing)
            lacks.Add($"control groups ({missing}): memory is watched instead, processors are not shared out");
        var mounts = new CodeMounts();
        if (mounts.TryBegin(out int error)) _mounts = mounts;
        else lacks.Add($"mounts of its own (error {error}): code folders stay writable");
        if (lacks.Count > 0) tell(string.Join("; ", lacks));
    }

    /// <summary>The control group for a process that is to be started; null where there is none.</summary>
    public ControlGroup? GroupFor(ControlGroupBounds bounds) => _groups?.Create(bounds);

    /// <summary>Processes are counted for each environment, not for the gateway's user.</summary>
    public bool CountsProcesses => _groups?.Has(ControlGroups.Processes) == true;

    public void Protect(string folder)
    {
        int error = _mounts?.Protect(folder) ?? 0;
        if (error == 0 || _isMountTold) return;
        _isMountTold = true;
        tell($"a read-only mount of {folder} (error {error}): it stays writable");
    }
}
