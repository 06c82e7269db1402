using System.Text;
using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Integrations.Mock;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary><c>to: { mock: ... }</c>.</summary>
internal sealed class MockTargetFactory : IIntegrationFactory
{
    public string Kind => MockTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var read = (MockTarget)target.Settings;
        var fields = string.Concat(read.Headers.Select(each => $"{each.Name}: {each.Value}\r\n"));
        return new MockIntegration(new LocalReply
        {
            StatusCode = read.Status,
            Fields = Encoding.UTF8.GetBytes(fields),
            Body = Encoding.UTF8.GetBytes(read.Body),
        });
    }

    public IIntegration Rebuild(
        IIntegration before, TargetConfig target, RouteConfig route, CompilationContext context) => before;
}
