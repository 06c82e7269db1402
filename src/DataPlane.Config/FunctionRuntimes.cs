namespace DataPlane.Config;

/// <summary>What the names of runtimes mean on this machine. Any thread.</summary>
public static class FunctionRuntimes
{
    // What Lambda refuses as well: its reserved environment variables.
    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal)
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    };

    private static readonly string[] s_nodeEndings = [".js", ".mjs", ".cjs"];

    /// <summary>Null for a name that is none of Lambda's, or of a runtime that is not hosted here.</summary>
    public static FunctionRuntime? Of(string name)
    {
        if (name == "provided" || name.StartsWith("provided.", StringComparison.Ordinal))
            return FunctionRuntime.Command;
        if (IsVersioned(name, "nodejs")) return FunctionRuntime.Node;
        if (name == "python3" || IsVersioned(name, "python3.")) return FunctionRuntime.Python;
        return IsVersioned(name, "dotnet") ? FunctionRuntime.Dotnet : null;
    }

    public static bool IsReserved(string variable) => s_reserved.Contains(variable);

    /// <summary>The command that runs the code, as one would type it.</summary>
    public static string ProgramOf(FunctionConfig function) => function.Runtime switch
    {
        FunctionRuntime.Node => "node",
        FunctionRuntime.Python => function.RuntimeName,
        FunctionRuntime.Dotnet => "dotnet",
        _ => function.Command.IsEmpty ? Path.Combine(function.Code, "bootstrap") : function.Command[0],
    };

    /// <summary>The Debian package that brings the program; null when nobody can say.</summary>
    public static string? PackageOf(FunctionConfig function) => function.Runtime switch
    {
        FunctionRuntime.Node => "nodejs",
        FunctionRuntime.Python => function.RuntimeName,
        FunctionRuntime.Dotnet => "dotnet-runtime-" + function.RuntimeName["dotnet".Length..] + ".0",
        _ => null,
    };

    /// <summary>Files of which one must be there; none when that is not known.</summary>
    public static IReadOnlyList<string> FilesOf(FunctionConfig function)
    {
        string name = ModuleOf(function);
        string path = Path.Combine(function.Code, name);
        string module = Path.Combine(function.Code, name.Replace('.', '/'));
        return function.Runtime switch
        {
            FunctionRuntime.Node => [.. s_nodeEndings.Select(ending => path + ending)],
            FunctionRuntime.Python => [module + ".py", module + "/__init__.py"],
            FunctionRuntime.Dotnet when function.IsClassLibrary =>
                [Path.Combine(function.Code, AssemblyOf(function) + ".dll")],
            FunctionRuntime.Dotnet =>
            [
                Path.Combine(function.Code, function.Handler + ".dll"), Path.Combine(function.Code, function.Handler),
            ],
            _ => function.Command.IsEmpty ? [Path.Combine(function.Code, "bootstrap")] : [],
        };
    }

    /// <summary>The assembly of a handler <c>Assembly::Type::Method</c>.</summary>
    public static string AssemblyOf(FunctionConfig function) =>
        function.Handler[..function.Handler.IndexOf("::", StringComparison.Ordinal)];

    /// <summary>Where the program is; null when it is nowhere.</summary>
    public static string? FindProgram(FunctionConfig function, ConfigEnvironment environment)
    {
        if (environment.HasFile is not { } hasFile) return null;
        string program = ProgramOf(function);
        if (program.Contains('/'))
        {
            string path = Path.GetFullPath(Path.Combine(function.Code, program));
            return hasFile(path) ? path : null;
        }
        foreach (string folder in (environment.Variable("PATH") ?? "/usr/bin:/bin").Split(':'))
        {
            string path = Path.Combine(folder, program);
            if (folder.Length > 0 && hasFile(path)) return path;
        }
        return null;
    }

    // Node's name ends at the first dot behind the last slash, Python's at the last dot, as their own clients have it.
    private static string ModuleOf(FunctionConfig function)
    {
        string handler = function.Handler.TrimStart('/');
        int dot = function.Runtime == FunctionRuntime.Python
            ? handler.LastIndexOf('.')
            : handler.IndexOf('.', handler.LastIndexOf('/') + 1);
        return dot < 0 ? handler : handler[..dot];
    }

    private static bool IsVersioned(string name, string prefix) =>
        name.Length > prefix.Length
        && name.StartsWith(prefix, StringComparison.Ordinal)
        && name.AsSpan(prefix.Length).TrimEnd(".x").IndexOfAnyExceptInRange('0', '9') < 0
        && char.IsAsciiDigit(name[prefix.Length]);
}
