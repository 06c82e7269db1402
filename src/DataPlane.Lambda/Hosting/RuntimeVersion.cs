using System.Security.Cryptography;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// The version of a runtime as the platform's log names it, <c>python:3.12.v1</c>. Its revision is always the first:
/// what runs is what the machine has.
/// </summary>
internal sealed record RuntimeVersion(string Name, string Arn)
{
    public static RuntimeVersion Of(FunctionConfig config, string region)
    {
        string name = config.RuntimeName;
        int split = name.AsSpan().IndexOfAny("0123456789.");
        string version = split < 0 ? "" : name[split..].TrimStart('.');
        if (version.EndsWith(".x", StringComparison.Ordinal)) version = version[..^2];
        string family = split < 0 ? name : name[..split];
        string whole = version.Length == 0 ? $"{family}:v1" : $"{family}:{version}.v1";
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)));
        return new RuntimeVersion(whole, $"arn:aws:lambda:{region}::runtime:{digest}");
    }
}
