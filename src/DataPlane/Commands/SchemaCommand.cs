using System.CommandLine;
using DataPlane.Config;

namespace DataPlane.Commands;

/// <summary><c>dataplane schema</c>: JSON Schema of the configuration, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON Schema of the configuration.");
        command.SetAction(_ => Console.Out.WriteLine(ConfigSchema.Json(ConfigExtensions.BuiltIn)));
        return command;
    }
}
