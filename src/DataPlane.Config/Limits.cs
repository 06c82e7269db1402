namespace DataPlane.Config;

/// <summary>Every bound on what an operator's file may ask of this process, with its reason.</summary>
internal static class Limits
{
    /// <summary>Bytes of a configuration with its includes: 10,000 routes take about 3 MiB.</summary>
    public const int FileBytes = 16 * 1024 * 1024;

    /// <summary>Files one configuration may include, itself counted: a pattern that fits more is a mistake.</summary>
    public const int Files = 1000;

    /// <summary>Files including files including files: more is a loop through links.</summary>
    public const int IncludeDepth = 8;

    /// <summary>Bytes of one <c>${file:...}</c>: a certificate chain fits, a device file does not.</summary>
    public const int SecretFileBytes = 1024 * 1024;

    /// <summary>
    /// Collections inside collections: the deepest shape of the format needs 8, JSON bodies some more.
    /// </summary>
    public const int Depth = 64;

    /// <summary>Scalars and collections of one file, about 200 MB of nodes at worst.</summary>
    public const int Nodes = 2_000_000;

    /// <summary>Entries of a section that are kept as they were read, 2 KB each, for GET /config to print.</summary>
    public const int KeptEntries = 500;

    /// <summary>Errors reported one by one: more than this is one mistake repeated.</summary>
    public const int ReportedErrors = 200;

    /// <summary>Characters of a name the nearest-name search looks at: its cost grows with the square.</summary>
    public const int SuggestedNameLength = 64;

    /// <summary>Names the nearest-name search looks at: with 10,000 upstreams, 200 errors would take seconds.</summary>
    public const int ComparedNames = 1000;

    /// <summary>Characters of a value quoted in an error.</summary>
    public const int QuotedValueLength = 60;

    /// <summary>Names listed in an error when none is near.</summary>
    public const int ListedNames = 40;

    /// <summary>Characters of a route's path; the request line it must fit into is 8 KiB.</summary>
    public const int PathLength = 2048;

    /// <summary>Segments of a route's path: the depth of the route trie.</summary>
    public const int PathSegments = 64;

    /// <summary>Parameters of a route's path: every exchange has room for so many captures.</summary>
    public const int PathParameters = 16;

    /// <summary>Characters of a parameter's name.</summary>
    public const int ParameterNameLength = 64;

    /// <summary>Characters of a template: a header value that leaves room for the rest of the head.</summary>
    public const int TemplateLength = 4096;

    /// <summary>Characters of a line of the access log before its variables are filled in.</summary>
    public const int LogTemplateLength = 2048;

    /// <summary>Characters of a route's id: it is a label of every metric.</summary>
    public const int IdLength = 256;

    /// <summary>Bytes of a mock's body: it is rendered once and kept with its head.</summary>
    public const int MockBodyBytes = 1024 * 1024;

    /// <summary>Characters of a domain name (RFC 1035, 2.3.4, without the root).</summary>
    public const int DomainNameLength = 253;

    /// <summary>Endpoints of an upstream: their indexes are bytes in the tables that choose one.</summary>
    public const int EndpointsPerUpstream = 255;

    /// <summary>Characters of a text that a health check looks for.</summary>
    public const int ExpectedTextLength = 1024;

    /// <summary>Bytes of a unix socket's path: <c>sun_path</c> of Linux with its final zero is 108.</summary>
    public const int UnixPathBytes = 107;
}
