using System.Globalization;
using System.Text.Json;
using DataPlane.NBomber;
using NBomber.Contracts;
using NBomber.CSharp;
using NBomber.Http.CSharp;

// dotnet run -c Release -p:FullFeed=true -- http://127.0.0.1:8080 ../scenarios/small-get.json ...
if (args.Length < 2)
    return 2;

using var client = Http.CreateDefaultClient();
var scenarios = args.Skip(1).Select(file => ToNBomber(Read(file), args[0].TrimEnd('/'))).ToArray();
var stats = NBomberRunner.RegisterScenarios(scenarios).Run();
return stats.AllFailCount == 0 ? 0 : 1;

static LoadScenario Read(string file) =>
    JsonSerializer.Deserialize<LoadScenario>(File.ReadAllText(file), JsonSerializerOptions.Web)!;

ScenarioProps ToNBomber(LoadScenario scenario, string url)
{
    var during = TimeSpan.FromSeconds(scenario.Seconds);
    var simulation = scenario.RatePerSecond is { } rate
        ? Simulation.Inject(rate: rate, interval: TimeSpan.FromSeconds(1), during: during)
        : Simulation.KeepConstant(copies: scenario.Connections, during: during);
    return Scenario.Create(scenario.Name, async _ => await SendAsync(scenario, url))
        .WithWarmUpDuration(TimeSpan.FromSeconds(3))
        .WithLoadSimulations(simulation);
}

// Not Http.Send: it fails whatever is not a success, and a scenario may expect a 404.
async Task<IResponse> SendAsync(LoadScenario scenario, string url)
{
    using var request = Http.CreateRequest(scenario.Method, url + scenario.Path);
    if (scenario.BodyBytes > 0)
        request.Content = new StringContent(new string('p', scenario.BodyBytes));
    foreach (var (name, value) in scenario.Headers)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value) && request.Content is { } content)
        {
            content.Headers.Remove(name);
            content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    using var response = await client.SendAsync(request);
    var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
    return (int)response.StatusCode == scenario.ExpectedStatus
        ? Response.Ok(statusCode: status)
        : Response.Fail(statusCode: status);
}
