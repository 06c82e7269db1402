using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Lambda.Invoke;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Hosting;

/// <summary>
/// The admin listener's requests by the rules of the configuration in force: a token that was changed is the only one
/// from then on. Any thread.
/// </summary>
internal sealed class AdminSurface(
    SnapshotStore snapshots, IAdminSource source, AdminJournal journal, IConfigControl? control,
    FunctionEndpoints functions, ExplainEndpoint explain, PurgeEndpoint purge)
{
    private Tuple<AdminConfig, AdminEndpoints>? _known;

    public Task HandleAsync(HttpContext context)
    {
        var settings = snapshots.Current.Settings;
        bool isInvokeListener = context.Features.Get<InvokeListenerMark>() is not null;
        if (functions.FindSigned(context, settings.InvokeApi, isInvokeListener) is { } signed) return signed(context);
        // Its keys are gone since it was opened: nobody may use it.
        if (isInvokeListener) return InvokeListenerMark.RefuseAsync(context);
        var config = settings.Admin;
        var known = Volatile.Read(ref _known);
        if (known is null || !ReferenceEquals(known.Item1, config))
        {
            // Two requests at once may both make one; either will do.
            known = Tuple.Create(config, new AdminEndpoints(source, OptionsOf(config), journal, control)
            {
                More = path => explain.Find(path) ?? purge.Find(path) ?? functions.Find(path),
            });
            Volatile.Write(ref _known, known);
        }
        return known.Item2.HandleAsync(context);
    }

    private static AdminOptions OptionsOf(AdminConfig config) => new()
    {
        Token = config.Token,
        Hosts = config.Hosts,
    };
}
