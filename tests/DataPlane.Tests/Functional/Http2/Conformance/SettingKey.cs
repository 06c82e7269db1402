namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>The parameters of SETTINGS (RFC 9113 6.5.2).</summary>
internal enum SettingKey : ushort
{
    HeaderTableSize = 0x1,
    EnablePush = 0x2,
    MaxConcurrentStreams = 0x3,
    InitialWindowSize = 0x4,
    MaxFrameSize = 0x5,
    MaxHeaderListSize = 0x6,

    /// <summary>Nobody has defined it.</summary>
    Unknown = 0xff,
}
