using System.Globalization;
using System.Net;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Reading;

/// <summary>
/// One scalar to one typed value. Each method adds its own error and answers false when the text is wrong.
/// </summary>
public static class ScalarReader
{
    public static bool TryText(ConfigNode node, NodePath path, ConfigErrors errors, out string value)
    {
        value = "";
        if (node is ScalarNode { IsNull: false } scalar)
        {
            value = scalar.Value;
            return !scalar.IsUnresolved;
        }
        errors.Add(node, path, $"is {node.Description}", "write a single value");
        return false;
    }

    public static bool TryBool(ConfigNode node, NodePath path, ConfigErrors errors, out bool value)
    {
        value = false;
        if (!TryText(node, path, errors, out string text)) return false;
        if (text is "true" or "false")
        {
            value = text == "true";
            return true;
        }
        errors.Add(node, path, $"{Quoted(node)} is not a boolean", "write true or false");
        return false;
    }

    public static bool TryInteger(
        ConfigNode node, NodePath path, ValueShape shape, ConfigErrors errors, out long value)
    {
        value = 0;
        if (!TryText(node, path, errors, out string text)) return false;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            errors.Add(
                node, path, $"{Quoted(node)} is not a whole number",
                $"write a number from {shape.Least} to {shape.Most}");
            return false;
        }
        return CheckRange(node, path, shape, errors, value, number => $"{number}");
    }

    public static bool TryNumber(
        ConfigNode node, NodePath path, ValueShape shape, ConfigErrors errors, out double value)
    {
        value = 0;
        if (!TryText(node, path, errors, out string text)) return false;
        const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        bool isNumber = double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value);
        if (isNumber && value >= shape.Least && value <= shape.Most) return true;
        errors.Add(
            node, path, isNumber ? $"{Quoted(node)} is out of range" : $"{Quoted(node)} is not a number",
            $"write a number from {shape.Least} to {shape.Most}");
        return false;
    }

    public static bool TryDuration(
        ConfigNode node, NodePath path, ValueShape shape, ConfigErrors errors, out TimeSpan value)
    {
        value = default;
        if (!TryText(node, path, errors, out string text)) return false;
        if (!QuantityText.TryDuration(text, out value))
        {
            errors.Add(
                node, path, $"{Quoted(node)} is not a duration",
                "write a whole number and ms, s, m or h, such as 250ms or 10s");
            return false;
        }
        // Rounding up keeps 0 for what is really 0.
        long milliseconds = (long)Math.Ceiling(value.TotalMilliseconds);
        return CheckRange(node, path, shape, errors, milliseconds, Milliseconds);

        static string Milliseconds(long count) => QuantityText.Duration(TimeSpan.FromMilliseconds(count));
    }

    public static bool TrySize(ConfigNode node, NodePath path, ValueShape shape, ConfigErrors errors, out long bytes)
    {
        bytes = 0;
        if (!TryText(node, path, errors, out string text)) return false;
        if (!QuantityText.TrySize(text, out bytes))
        {
            errors.Add(
                node, path, $"{Quoted(node)} is not a size",
                "write a whole number of bytes, or one with KiB, MiB or GiB, such as 64KiB");
            return false;
        }
        return CheckRange(node, path, shape, errors, bytes, QuantityText.Size);
    }

    public static bool TryRate(ConfigNode node, NodePath path, ConfigErrors errors, out Rate value)
    {
        value = default;
        if (!TryText(node, path, errors, out string text)) return false;
        if (QuantityText.TryRate(text, out value)) return true;
        errors.Add(node, path, $"{Quoted(node)} is not a rate", "write a count per /s, /m or /h, such as 100/s");
        return false;
    }

    /// <summary>A share from 0 to 1.</summary>
    public static bool TryPercent(ConfigNode node, NodePath path, ConfigErrors errors, out double share)
    {
        share = 0;
        if (!TryText(node, path, errors, out string text)) return false;
        if (QuantityText.TryPercent(text, out share)) return true;
        errors.Add(node, path, $"{Quoted(node)} is not a percentage", "write a number from 0% to 100%, such as 20%");
        return false;
    }

    public static bool TryChoice(
        ConfigNode node, NodePath path, ValueShape shape, ConfigErrors errors, out string value)
    {
        if (!TryText(node, path, errors, out value)) return false;
        if (shape.Names.Contains(value, StringComparer.Ordinal)) return true;
        // A suggestion would give a secret's letters away, and near numbers are no likelier to be meant.
        bool mayGuess = !IsSecret(node) && value.Any(char.IsAsciiLetter);
        string? nearest = mayGuess ? NearestName.Find(value, shape.Names) : null;
        string fix = nearest is null ? $"write one of: {string.Join(", ", shape.Names)}" : $"did you mean '{nearest}'?";
        errors.Add(node, path, $"{Quoted(node)} is not known here", fix);
        return false;
    }

    /// <summary>An absolute http or https address, for plug-ins that call one.</summary>
    public static bool TryUrl(ConfigNode node, NodePath path, ConfigErrors errors, out Uri value)
    {
        value = null!;
        if (!TryText(node, path, errors, out string text)) return false;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Host != "")
        {
            value = url;
            return true;
        }
        errors.Add(node, path, $"{Quoted(node)} is not a URL", "write http://host:port/path or https://...");
        return false;
    }

    /// <summary>A network such as 10.0.0.0/8, or one address.</summary>
    public static bool TryCidr(ConfigNode node, NodePath path, ConfigErrors errors, out IPNetwork value)
    {
        value = default;
        if (!TryText(node, path, errors, out string text)) return false;
        if (TryNetwork(text, out value)) return true;
        if (IPAddress.TryParse(text, out IPAddress? address) && IsWrittenInFull(text))
        {
            value = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }
        Problem problem = CidrProblem(text, Quoted(node));
        errors.Add(node, path, problem.Message, IsSecret(node) ? "write a network such as 10.0.0.0/8" : problem.Fix);
        return false;
    }

    /// <summary>The node's value as an error may show it.</summary>
    public static string Quoted(ConfigNode node) => node is ScalarNode scalar ? scalar.Quoted : node.Description;

    private static bool IsSecret(ConfigNode node) => node is ScalarNode { IsSecret: true };

    // The parser clears bits beyond the prefix in silence; 10.0.0.1/8 is more likely a slip than a network.
    private static bool TryNetwork(string text, out IPNetwork value)
    {
        value = default;
        int slash = text.IndexOf('/');
        return slash > 0
            && IsWrittenInFull(text[..slash])
            && IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address)
            && IPNetwork.TryParse(text, out value)
            && value.BaseAddress.Equals(address);
    }

    // IPAddress also takes "10" and "10.1": old notations in which a forgotten octet becomes another network.
    private static bool IsWrittenInFull(string text) => text.Contains(':') || text.Count(c => c == '.') == 3;

    private static Problem CidrProblem(string text, string quoted)
    {
        int slash = text.IndexOf('/');
        if (slash > 0
            && IsWrittenInFull(text[..slash])
            && IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            && bits <= address.GetAddressBytes().Length * 8)
        {
            byte[] network = address.GetAddressBytes();
            for (int bit = bits; bit < network.Length * 8; bit++) network[bit / 8] &= (byte)~(0x80 >> (bit % 8));
            return new Problem($"{quoted} has bits beyond its prefix", $"write {new IPAddress(network)}/{bits}");
        }
        return new Problem($"{quoted} is not a network", "write a network such as 10.0.0.0/8, or one address");
    }

    private static bool CheckRange(
        ConfigNode node, NodePath path, ValueShape shape, ConfigErrors errors, long value, Func<long, string> show)
    {
        if (value >= shape.Least && value <= shape.Most) return true;
        errors.Add(
            node, path, $"{Quoted(node)} is out of range",
            $"write a value from {show(shape.Least)} to {show(shape.Most)}");
        return false;
    }
}
