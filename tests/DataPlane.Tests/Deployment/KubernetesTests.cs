using DataPlane.Config;
using DataPlane.Tests.Architecture;
using YamlDotNet.RepresentationModel;

namespace DataPlane.Tests.Deployment;

/// <summary>The manifests agree with each other and with what the gateway does.</summary>
public sealed class KubernetesTests
{
    /// <summary>For the log to be written out, and the admin listener's last answers.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(10);

    private static YamlNode Pod => Manifests.Of("Deployment").Map("spec/template/spec");

    private static YamlNode Container => Assert.Single(Pod.List("containers"));

    [Fact]
    public void ConfigMap_IsAConfigurationWithoutErrors() => Assert.True(Load().Errors.Count == 0, Describe(Load()));

    [Fact]
    public void ConfigMapOfThisVersion_DrainsAsTheGatewayDoesUnlessTold()
    {
        var standard = new LimitsConfig();
        Assert.Equal(standard.DrainGrace, Load().Config!.Limits.DrainGrace);
        Assert.Equal(standard.DrainTimeout, Load().Config!.Limits.DrainTimeout);
        Assert.Equal(standard.Connections, Load().Config!.Limits.Connections);
    }

    [Fact]
    public void GracePeriod_CoversTheWholeDrain()
    {
        var limits = Load().Config!.Limits;
        int preStop = Container.Number("lifecycle/preStop/sleep/seconds");
        Assert.Equal(limits.DrainGrace.TotalSeconds, preStop);
        double least = preStop + (limits.DrainGrace + limits.DrainTimeout + s_lastWords).TotalSeconds;
        Assert.InRange(Pod.Number("terminationGracePeriodSeconds"), least, least + 30);
    }

    [Fact]
    public void Readiness_FailsSoonerThanTheGraceEnds()
    {
        var probe = Container.Map("readinessProbe");
        double seen = probe.Number("periodSeconds") * probe.Number("failureThreshold");
        Assert.InRange(seen, 1, Load().Config!.Limits.DrainGrace.TotalSeconds);
    }

    [Fact]
    public void Ports_AreTheConfigurations()
    {
        var config = Load().Config!;
        var ports = Container.List("ports").ToDictionary(
            each => each.Text("name"), each => each.Number("containerPort"), StringComparer.Ordinal);
        Assert.Equal(config.Listeners[0].Address.EndPoint!.Port, ports["http"]);
        Assert.Equal(config.Admin.Address.EndPoint!.Port, ports["admin"]);
        Assert.Equal(new AdminConfig().Address.EndPoint!.Port, ports["admin"]);
        foreach (string service in (string[])["dataplane", "dataplane-admin"])
        {
            Assert.All(
                Manifests.Of("Service", service).List("spec/ports"),
                port => Assert.Contains(port.Text("targetPort"), ports.Keys));
        }
        // Whoever can reach the admin port from outside the cluster could guess its token.
        Assert.DoesNotContain(
            Manifests.Of("Service").List("spec/ports"), port => port.Text("targetPort") == "admin");
    }

    [Theory]
    [InlineData("startupProbe", "/healthz")]
    [InlineData("readinessProbe", "/readyz")]
    [InlineData("livenessProbe", "/healthz")]
    public void Probe_AsksTheAdminPort(string probe, string path)
    {
        Assert.Equal(path, Container.Text($"{probe}/httpGet/path"));
        Assert.Equal("admin", Container.Text($"{probe}/httpGet/port"));
    }

    [Fact]
    public void Container_HasNoRightsItDoesNotNeed()
    {
        Assert.Equal("true", Pod.Text("securityContext/runAsNonRoot"));
        Assert.NotEqual(0, Pod.Number("securityContext/runAsUser"));
        Assert.Equal("RuntimeDefault", Pod.Text("securityContext/seccompProfile/type"));
        Assert.Equal("false", Pod.Text("automountServiceAccountToken"));
        Assert.Equal("false", Container.Text("securityContext/allowPrivilegeEscalation"));
        Assert.Equal("true", Container.Text("securityContext/readOnlyRootFilesystem"));
        Assert.Equal("ALL", ((YamlScalarNode)Assert.Single(Container.List("securityContext/capabilities/drop"))).Value);
    }

    [Fact]
    public void Mounts_HoldWhatTheArgumentsAndTheConfigurationName()
    {
        var mounts = Container.List("volumeMounts").Select(each => each.Text("mountPath")).ToList();
        string[] arguments = [.. Container.List("args").Select(each => ((YamlScalarNode)each).Value!)];
        Assert.Contains(Path.GetDirectoryName(arguments[Array.IndexOf(arguments, "--config") + 1])!, mounts);
        Assert.Contains(arguments[Array.IndexOf(arguments, "--state") + 1], mounts);
        Assert.Contains("${file:/run/secrets/dataplane/admin-token}", Text(), StringComparison.Ordinal);
        Assert.Contains("/run/secrets/dataplane", mounts);
        var volumes = Pod.List("volumes").Select(each => each.Text("name"));
        Assert.Equal(
            Container.List("volumeMounts").Select(each => each.Text("name")).Order(StringComparer.Ordinal),
            volumes.Order(StringComparer.Ordinal));
        Assert.True(Manifests.Of("Secret", "dataplane-admin").Map("stringData").Children.ContainsKey("admin-token"));
    }

    [Fact]
    public void Labels_SelectEachOther()
    {
        var labels = Manifests.Of("Deployment").Map("spec/template/metadata/labels");
        foreach (string path in (string[])["spec/selector/matchLabels"])
        {
            foreach (string kind in (string[])["Deployment", "PodDisruptionBudget"])
                Assert.Equal(labels, Manifests.Of(kind).Map(path));
        }
        Assert.Equal(labels, Manifests.Of("NetworkPolicy").Map("spec/podSelector/matchLabels"));
        foreach (string service in (string[])["dataplane", "dataplane-admin"])
            Assert.Equal(labels, Manifests.Of("Service", service).Map("spec/selector"));
        Assert.Equal(
            Manifests.Of("ServiceMonitor").Map("spec/selector/matchLabels"),
            Manifests.Of("Service", "dataplane-admin").Map("metadata/labels"));
    }

    [Fact]
    public void EveryFileButTheOwners_IsInTheKustomization()
    {
        string listed = Repository.Read("deploy/kubernetes/kustomization.yaml");
        string[] owners = ["kustomization.yaml", "secret.yaml", "monitor.yaml"];
        Assert.All(
            Manifests.Files.Select(file => Path.GetFileName(file)!).Except(owners, StringComparer.Ordinal),
            file => Assert.Contains(file, listed, StringComparison.Ordinal));
    }

    private static string Text() => Manifests.Of("ConfigMap").Text("data/gateway.yaml");

    private static ConfigResult Load() => ConfigLoader.Parse(
        Text(), "gateway.yaml", environment: new ConfigEnvironment(_ => null, (_, _) => "t0ken\n"u8.ToArray()));

    private static string Describe(ConfigResult result) => string.Join('\n', result.Errors);
}
