using Yarp.ReverseProxy.Configuration;

// yarp-peer PORT HOST:PORT_OF_UPSTREAM
if (args is not [var port, var upstream])
    return 2;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
var route = new RouteConfig
{
    RouteId = "all",
    ClusterId = "measured",
    Match = new RouteMatch { Path = "{**rest}" },
};
var cluster = new ClusterConfig
{
    ClusterId = "measured",
    Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal)
    {
        ["upstream"] = new() { Address = $"http://{upstream}/" },
    },
};
builder.Services.AddReverseProxy().LoadFromMemory([route], [cluster]);
var app = builder.Build();
app.MapReverseProxy();
await app.RunAsync();
return 0;
