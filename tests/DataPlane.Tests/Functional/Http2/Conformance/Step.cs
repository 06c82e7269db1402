namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>Something that the client of a case sends, or something that it waits for and may miss.</summary>
internal delegate Task Step(ConformancePeer peer);
