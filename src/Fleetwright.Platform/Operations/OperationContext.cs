namespace Fleetwright.Platform.Operations;

/// <summary>Who calls an operation, through which door; flows with the call.</summary>
public sealed class OperationContext
{
    private static readonly AsyncLocal<OperationContext?> Ambient = new();

    /// <summary>The call in progress; null outside one.</summary>
    public static OperationContext? Current
    {
        get => Ambient.Value;
        internal set => Ambient.Value = value;
    }

    public required Caller Caller { get; init; }

    /// <summary>rest, mcp, websocket or cli.</summary>
    public required string Door { get; init; }

    /// <summary>Where progress goes; null when nobody listens.</summary>
    public Action<OperationProgress>? OnProgress { get; init; }

    /// <summary>Tells whoever waits how far a long operation is.</summary>
    public static void Report(double done, double? total, string message) =>
        Current?.OnProgress?.Invoke(new OperationProgress(done, total, message));
}

/// <summary>Done of total, in any unit that only rises; total null when unknown.</summary>
public readonly record struct OperationProgress(double Done, double? Total, string Message);

/// <summary>An authenticated caller.</summary>
/// <param name="Name">The key's name, or local for the command line on this machine.</param>
/// <param name="Scopes">What it may do; see <see cref="Operations.Scopes"/>.</param>
public sealed record Caller(string Name, IReadOnlyList<string> Scopes)
{
    /// <summary>The command line, run by someone who can read the data folder.</summary>
    public static readonly Caller Local = new("local", Operations.Scopes.All);

    /// <summary>Whether this caller holds the scope, or one that includes it.</summary>
    public bool May(string scope)
    {
        var needed = Operations.Scopes.All.IndexOf(scope);
        return needed >= 0 && Scopes.Any(held => Operations.Scopes.All.IndexOf(held) >= needed);
    }
}

file static class ListSearch
{
    public static int IndexOf(this IReadOnlyList<string> list, string item)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] == item)
            {
                return i;
            }
        }

        return -1;
    }
}
