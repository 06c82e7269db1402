namespace DataPlane.Lambda.Calling;

/// <summary>Where the parts of an answer are in its bytes; a start of 0 means the key is not there.</summary>
internal struct AnswerParts
{
    public int StatusCode;
    public int Headers;
    public int MultiValueHeaders;
    public int Cookies;
    public int Body;
    public int BodyLength;
    public int IsBase64Encoded;

    /// <summary>The bytes are one JSON value and nothing else.</summary>
    public bool IsJson;

    public bool IsObject;

    public bool IsString;

    /// <summary>A key that REST APIs refuse.</summary>
    public bool HasUnknownKey;
}
