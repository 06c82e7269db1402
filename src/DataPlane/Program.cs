using System.CommandLine;
using DataPlane.Commands;

// The gateway's command line. Without a command it runs, so that `dotnet run` alone starts the demo.
var root = new RootCommand("DataPlane, an API gateway.")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    RoutesCommand.Create(),
    ExplainCommand.Create(),
    SchemaCommand.Create(),
    FunctionsCommand.Create(),
    InvokeCommand.Create(),
};
RunCommand.AddTo(root);
// Signals are the gateway's own business: a drain takes longer than the two seconds the command line would wait.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await root.Parse(args).InvokeAsync(configuration);
