using DataPlane.Admin;
using DataPlane.Tests.Admin;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>The status page in a real browser, with the real endpoints behind it.</summary>
public sealed class StatusPageTests
{
    [Fact]
    public async Task RunningGateway_IsShownWithoutAnError()
    {
        await using var gateway = await SeenGateway.StartAsync();
        await gateway.AskAsync();
        await using var held = await gateway.Gateway.ConnectAsync();
        await held.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        await held.ReadResponseAsync();
        string page = await BrowseAsync(gateway.Address);
        Assert.Contains("data-state=\"live\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-error", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"long\" title=\"all\">all</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td>users-api</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td>upstream_connect_failed</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td>public</td><td>idle</td><td>127.0.0.1</td>", page, StringComparison.Ordinal);
        Assert.Contains("configuration 1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenConfigured_PageAsksForItAndShowsNothing()
    {
        await using var server = await AdminServer.StartAsync(
            new FakeAdminSource(), new AdminOptions { Token = "secret" });
        string page = await BrowseAsync(server.Address);
        Assert.Contains("data-state=\"locked\"", page, StringComparison.Ordinal);
        Assert.Contains("<form id=\"login\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("get-user", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatClientsSent_StaysText()
    {
        // The fake's only failure is for the path /<b>.
        await using var server = await AdminServer.StartAsync(new FakeAdminSource(), new AdminOptions());
        string page = await BrowseAsync(server.Address);
        Assert.Contains(">/&lt;b&gt;</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-error", page, StringComparison.Ordinal);
    }

    /// <summary>What the page has become after five seconds of its own time.</summary>
    private static async Task<string> BrowseAsync(Uri address)
    {
        var profile = Directory.CreateTempSubdirectory("chromium-");
        try
        {
            var (_, said) = await RealTool.RunAsync(
                "chromium", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                $"--user-data-dir={profile.FullName}", "--virtual-time-budget=5000", "--dump-dom", $"{address}");
            return said;
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
