namespace DataPlane.Tests.Http.Http2;

/// <summary>RFC 7541, appendix C: blocks as they come on one connection, and what they say.</summary>
internal static class HpackExamples
{
    private const string Agent = "https://www.example.com";
    private const string Cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

    private static readonly (string Fields, int TableBytes)[] s_requests =
    [
        (":method=GET|:scheme=http|:path=/|:authority=www.example.com", 57),
        (":method=GET|:scheme=http|:path=/|:authority=www.example.com|cache-control=no-cache", 110),
        (":method=GET|:scheme=https|:path=/index.html|:authority=www.example.com|custom-key=custom-value", 164),
    ];

    private static readonly (string Fields, int TableBytes)[] s_responses =
    [
        ($":status=302|cache-control=private|date=Mon, 21 Oct 2013 20:13:21 GMT|location={Agent}", 222),
        ($":status=307|cache-control=private|date=Mon, 21 Oct 2013 20:13:21 GMT|location={Agent}", 222),
        ($":status=200|cache-control=private|date=Mon, 21 Oct 2013 20:13:22 GMT|location={Agent}"
            + $"|content-encoding=gzip|set-cookie={Cookie}", 215),
    ];

    /// <summary>Each connection by the section that has it, with the size of its table.</summary>
    public static IEnumerable<(string Section, int TableBytes, (string Block, string Fields, int Used)[] Blocks)> All()
    {
        yield return ("C.2.1", 4096,
            [("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key=custom-header", 55)]);
        yield return ("C.2.2", 4096, [("040c2f73616d706c652f70617468", ":path=/sample/path", 0)]);
        yield return ("C.2.3", 4096, [("100870617373776f726406736563726574", "password=secret", 0)]);
        yield return ("C.2.4", 4096, [("82", ":method=GET", 0)]);
        yield return ("C.3", 4096, Join(s_requests,
            "828684410f7777772e6578616d706c652e636f6d",
            "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"));
        yield return ("C.4", 4096, Join(s_requests,
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"));
        yield return ("C.5", 256, Join(s_responses,
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768"
            + "747470733a2f2f7777772e6578616d706c652e636f6d",
            "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153"
            + "444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e"
            + "3d31"));
        yield return ("C.6", 256, Join(s_responses,
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8"
            + "e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b"
            + "3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"));
    }

    private static (string Block, string Fields, int Used)[] Join(
        (string Fields, int TableBytes)[] said, params string[] blocks) =>
        [.. blocks.Zip(said, (block, what) => (block, what.Fields, what.TableBytes))];
}
