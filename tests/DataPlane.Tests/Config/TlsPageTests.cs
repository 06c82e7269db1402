using DataPlane.Config;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Config;

/// <summary>The examples of docs/tls.md can be used as they stand, given the files they name.</summary>
public sealed class TlsPageTests
{
    [Fact]
    public void EveryExample_LoadsWithoutErrors()
    {
        using var files = new CertificateFolder();
        files.Issue("any", "example.com");
        var machine = new ConfigEnvironment(
            _ => null,
            (path, _) => File.ReadAllBytes(files.PathOf(path switch
            {
                "ca.pem" or "partners-ca.pem" => "ca.pem",
                _ => $"any{Path.GetExtension(path)}",
            })));
        string[] examples =
        [
            .. Repository.Read("docs/tls.md").Split("```yaml\n").Skip(1)
                .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]),
        ];

        Assert.InRange(examples.Length, 4, 100);
        Assert.All(examples, example => Assert.Empty(
            ConfigLoader.Parse(example, "g.yaml", overrides: null, machine).Errors));
    }
}
