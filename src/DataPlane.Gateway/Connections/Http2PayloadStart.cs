namespace DataPlane.Gateway.Connections;

/// <summary>
/// Reads how the payload of a frame begins, where that tells a flood from a request: DATA that is nothing but padding,
/// and heads that change the size of HPACK's table over and over (RFC 7541 6.3), which may go on in CONTINUATION. The
/// bytes come in whatever pieces; padding ends no run of changes. A mutable value; one thread at a time; 0 bytes.
/// </summary>
internal struct Http2PayloadStart
{
    /// <summary>A head may begin with as many (RFC 7541 4.2).</summary>
    private const int ChangesPerHead = 2;

    private const byte Padded = 0x8;
    private const byte HasPriority = 0x20;
    private const int PriorityBytes = 5;

    // The form 001xxxxx, and a number that goes on behind its prefix.
    private const byte FormMask = 0xe0;
    private const byte ChangeForm = 0x20;
    private const byte PrefixMask = 0x1f;
    private const byte MoreFlag = 0x80;

    // Of the frame's payload, without padding once that is known.
    private int _left;
    private int _skip;
    private int _changes;
    private bool _wantsPadding;
    private bool _isData;
    private bool _isInNumber;
    private bool _isInBlock;

    /// <summary>The next bytes of the frame's payload are to be read.</summary>
    public readonly bool IsWanted => _left > 0;

    /// <summary>DATA that does not end its stream. False when nothing of it needs to be seen.</summary>
    public bool BeginData(int length, byte flags)
    {
        bool isPadded = (flags & Padded) != 0;
        _isData = _wantsPadding = isPadded;
        _left = isPadded ? length : 0;
        return isPadded;
    }

    public void BeginHead(int length, byte flags)
    {
        _left = length;
        _skip = (flags & HasPriority) != 0 ? PriorityBytes : 0;
        _wantsPadding = (flags & Padded) != 0;
        _isData = _isInNumber = false;
        _isInBlock = true;
        _changes = 0;
    }

    /// <summary>The next piece of the block, if all of it so far were changes of the table's size.</summary>
    public void ContinueHead(int length)
    {
        _left = _isInBlock ? length : 0;
        _skip = 0;
        _wantsPadding = _isData = false;
    }

    /// <summary>Changes of the table's size in these bytes, beyond those a head may have.</summary>
    public int Read(ReadOnlySpan<byte> payload, out bool isOnlyPadding)
    {
        isOnlyPadding = false;
        int tooMany = 0;
        for (int at = 0; at < payload.Length && _left > 0; at++)
        {
            _left--;
            byte next = payload[at];
            if (_wantsPadding)
            {
                _wantsPadding = false;
                _left -= next;
                isOnlyPadding = _isData && _left <= 0;
                if (_isData) _left = 0;
            }
            else if (_skip > 0)
            {
                _skip--;
            }
            else if (_isInNumber)
            {
                _isInNumber = (next & MoreFlag) != 0;
            }
            else if ((next & FormMask) == ChangeForm)
            {
                _isInNumber = (next & PrefixMask) == PrefixMask;
                if (++_changes > ChangesPerHead) tooMany++;
            }
            else
            {
                // A field: what follows is no beginning any more.
                _isInBlock = false;
                _left = 0;
            }
        }
        return tooMany;
    }
}
