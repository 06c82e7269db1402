namespace DataPlane.Config.Reading;

/// <summary>
/// A part of a text: offsets of its first character, of the one behind its last, and of the start of its first line,
/// whose number from 1 is <c>Line</c>. <c>Outer</c> is the column from 0 of the list it is an item of.
/// </summary>
internal readonly record struct TextExtent(int Start, int End, int LineStart, int Line, int Outer, bool IsFlow);
