namespace Fleetwright.Platform.Probes;

/// <summary>
/// A pure parser under the name that `fleetwright parse NAME` knows it by: a tool's raw output in, a record out.
/// </summary>
/// <param name="Name">Lower case, words joined by dashes: docker-containers.</param>
/// <param name="Reads">The exact command whose output it reads: "GET /containers/json of the Docker Engine API".</param>
/// <param name="Parse">Reads the output; throws <see cref="UnreadableOutputException"/> when it makes no sense, and nothing else.</param>
public sealed record RawParser(string Name, string Reads, Func<ReadOnlyMemory<byte>, object> Parse);

/// <summary>A tool's output made no sense. The message is one line that says why.</summary>
public sealed class UnreadableOutputException : Exception
{
    public UnreadableOutputException(string message)
        : base(message)
    {
    }

    public UnreadableOutputException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
