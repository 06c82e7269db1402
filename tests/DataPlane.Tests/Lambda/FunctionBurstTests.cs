using System.Diagnostics;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;
using Xunit.Abstractions;

namespace DataPlane.Tests.Lambda;

/// <summary>Many more invocations at once than environments.</summary>
public sealed class FunctionBurstTests(ITestOutputHelper output)
{
    private const int Invocations = 1000;
    private const int Environments = 100;

    // Starts in a few milliseconds and stays small: a hundred of them are no load.
    private const string Light =
        """
        #!/usr/bin/perl
        use strict; use IO::Socket::INET;
        my $socket = IO::Socket::INET->new(PeerAddr => $ENV{AWS_LAMBDA_RUNTIME_API}, Proto => 'tcp') or die;
        $socket->autoflush(1);
        sub answer {
          my ($head, $length) = ('', 0);
          while (my $line = <$socket>) { last if $line eq "\r\n"; $head .= $line; }
          $length = $1 if $head =~ /content-length: (\d+)/i;
          read($socket, my $body, $length) if $length;
          return $head;
        }
        my $api = '/2018-06-01/runtime/invocation';
        while (1) {
          print $socket "GET $api/next HTTP/1.1\r\nHost: a\r\n\r\n";
          answer() =~ /request-id: (\S+)/i or exit;
          my $id = $1;
          select(undef, undef, undef, 0.1);
          my $text = "$$";
          print $socket "POST $api/$id/response HTTP/1.1\r\nHost: a\r\nContent-Length: "
            . length($text) . "\r\n\r\n$text";
          answer();
        }
        """;

    [LinuxFact]
    public async Task AThousandOnAHundredEnvironments_AllAnsweredInTurn()
    {
        await using var folder = new FunctionFolder().Bootstrap(Light);
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(folder.Yaml(
            "provided.al2023", "x.y",
            $"log: off, timeout: 60s, watch: false, concurrency: {{ provisioned: {Environments}, "
                + $"maximum: {Environments}, pending: {Invocations} }}",
            "event: raw"));
        using var http = new HttpClient { BaseAddress = gateway.AdminAddress };
        await Eventually.HoldsAsync(
            async () => (await http.GetStringAsync("/metrics")).Contains(
                $"dataplane_function_environments{{function=\"f\",state=\"idle\"}} {Environments}\n",
                StringComparison.Ordinal),
            "a hundred idle environments");
        // Connected before, so that it is the function that they wait for.
        var clients = new RawPeer[Invocations];
        for (int each = 0; each < Invocations; each++) clients[each] = await gateway.ConnectAsync();
        long start = Stopwatch.GetTimestamp();
        var asked = clients.Select(client => AskAsync(client, start)).ToArray();
        var answers = await Task.WhenAll(asked);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var byProcess = answers.GroupBy(answer => answer.Process, StringComparer.Ordinal).Select(each => each.Count())
            .ToArray();
        double[] times = [.. answers.Select(answer => answer.Ms).Order()];
        output.WriteLine(
            $"p50 {times[500]:F0} ms, p99 {times[990]:F0} ms, most {times[^1]:F0} ms; "
                + $"at best {Invocations / Environments * 100} ms");
        // Nobody was passed over: each environment has its share, and the last ones waited for ten rounds, not more.
        Assert.Equal(Environments, byProcess.Length);
        Assert.InRange(byProcess.Max(), 10, 20);
        Assert.InRange(times[^1], 900, 15_000);
    }

    private static async Task<(int Status, string Process, double Ms)> AskAsync(RawPeer client, long start)
    {
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        return (answer.Status, answer.Text, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
