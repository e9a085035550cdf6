using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Security;

namespace Fleetwright.Features.Containers;

/// <summary>Reads a part of a container's log, within bounds of time, lines and characters.</summary>
internal sealed class ContainerLogReader(TimeProvider time)
{
    public const int DefaultTail = 200;
    public const int MaxTail = 2000;

    /// <summary>Of one line; a stack trace in one line is longer than anybody reads.</summary>
    private const int MaxLineLength = 2000;

    /// <summary>Of the whole answer, so that a model's context survives it.</summary>
    private const int MaxCharacters = 20_000;

    /// <summary>What a time and a stream take up beside the text.</summary>
    private const int LineOverhead = 40;

    /// <summary>How many of the newest lines are looked through for a text.</summary>
    private const int MaxSearched = 100_000;

    private static readonly TimeSpan SearchLimit = TimeSpan.FromSeconds(20);

    /// <exception cref="OperationException">An argument is wrong, there is no such container, or the engine could not be asked.</exception>
    public async Task<ContainerLogs> ReadAsync(DeviceEngine engine, string container, ContainerLogRequest request, CancellationToken cancellationToken)
    {
        var wanted = request.Tail ?? DefaultTail;
        if (wanted is < 1 or > MaxTail)
        {
            throw OperationException.Invalid("tail", $"{wanted} is out of range.", $"Use a number from 1 to {MaxTail}; search, since and until narrow further.");
        }

        var now = time.GetUtcNow();
        var (since, until) = (request.Since?.Resolve(now), request.Until?.Resolve(now));
        if (since >= until)
        {
            throw OperationException.Invalid("until", "it is not after since.", "Pass a later until, or an earlier since.");
        }

        var found = await engine.FindAsync(container, cancellationToken);
        // The engine counts its tail before it looks at the times, so with an until it has to send all.
        var everything = request.Search is { Length: > 0 } || until is not null;
        var query = new DockerLogQuery
        {
            Stdout = request.Stream is not ContainerLogStream.Stderr,
            Stderr = request.Stream is not ContainerLogStream.Stdout,
            SinceUnixNanoseconds = Nanoseconds(since),
            UntilUnixNanoseconds = Nanoseconds(until),
            Tail = everything ? MaxSearched : wanted + 1,
        };
        var collected = await CollectAsync(engine, found, query, request.Search, wanted, cancellationToken);
        return Fit(engine.Device.Id, found, collected, request, wanted);
    }

    /// <summary>As shown to people and models: no terminal codes, no secrets that can be told from other text, no endless line.</summary>
    public static ContainerLogLine Shown(EngineLogLine line)
    {
        var text = SecretRedaction.Text(TerminalText.Strip(line.Text));
        return new ContainerLogLine
        {
            At = line.At,
            Stream = line.Stream == LogStream.Stderr ? ContainerLogStream.Stderr : ContainerLogStream.Stdout,
            Text = text.Length > MaxLineLength ? TerminalText.Cut(text, MaxLineLength) + $"… ({text.Length} characters)" : text,
        };
    }

    private static async Task<Collected> CollectAsync(
        DeviceEngine engine, EngineContainerDetails container, DockerLogQuery query, string? search, int wanted, CancellationToken cancellationToken)
    {
        var collected = new Collected();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SearchLimit);
        try
        {
            await foreach (var line in engine.Client.ReadLogsAsync(container.Id!, query, container.Config?.Tty == true, null, limit.Token))
            {
                // Engines before API 1.35 send what comes after the end, too.
                if (line.UnixNanoseconds > query.UntilUnixNanoseconds)
                {
                    continue;
                }

                collected.Seen++;
                if (search is { Length: > 0 } && !TerminalText.Strip(line.Text).Contains(search, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                collected.Matching++;
                collected.Lines.Enqueue(line);
                if (collected.Lines.Count > wanted)
                {
                    collected.Lines.Dequeue();
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            collected.RanOutOfTime = true;
        }
        catch (Exception failure) when (failure is ConnectionException or DockerEngineException)
        {
            if (container.HostConfig?.LogConfig?.Type is { } driver and not ("json-file" or "local" or "journald" or "k8s-file" or "" or "db"))
            {
                throw new OperationException(
                    OperationError.DeviceFailed,
                    $"{container.Name?.TrimStart('/')} logs to '{TerminalText.OneLine(driver, 40)}', which the engine cannot read back.",
                    "Look where that driver sends it, or give the container the json-file or local log driver.");
            }

            throw EngineSocket.ErrorOf(failure, engine.Device);
        }

        return collected;
    }

    // The newest lines are kept: what went wrong is at the end.
    private static ContainerLogs Fit(string device, EngineContainerDetails container, Collected collected, ContainerLogRequest request, int wanted)
    {
        var lines = collected.Lines.Select(Shown).ToList();
        var room = MaxCharacters;
        var first = lines.Count;
        while (first > 0 && (room -= lines[first - 1].Text.Length + LineOverhead) >= 0)
        {
            first--;
        }

        first = Math.Min(first, Math.Max(0, lines.Count - 1));
        List<string> notes = [];
        if (first > 0)
        {
            notes.Add($"Cut to the last {lines.Count - first} lines ({MaxCharacters} characters); narrow with search, since and until, or a smaller tail.");
        }
        else if (collected.Matching > wanted)
        {
            notes.Add($"These are the last {wanted}; older ones with a larger tail, or an until before the first.");
        }

        if (collected.RanOutOfTime)
        {
            notes.Add($"Stopped after {SearchLimit.TotalSeconds:0} s and {collected.Seen} lines; the newest are missing. Narrow with since and until.");
        }
        else if (request.Search is { Length: > 0 })
        {
            notes.Add($"{collected.Matching} of {collected.Seen} lines match"
                + (collected.Seen >= MaxSearched ? $"; older lines than the last {MaxSearched} were not searched, narrow with since and until." : "."));
        }

        return new ContainerLogs
        {
            Device = device,
            Container = container.Name?.TrimStart('/') ?? container.Id ?? "",
            Notes = notes.Count > 0 ? notes : null,
            Lines = lines[first..],
        };
    }

    private static long? Nanoseconds(DateTimeOffset? at) => at is { } known ? Math.Max(0, (known - DateTimeOffset.UnixEpoch).Ticks) * 100 : null;

    private sealed class Collected
    {
        public Queue<EngineLogLine> Lines { get; } = new();

        public int Seen { get; set; }

        public int Matching { get; set; }

        public bool RanOutOfTime { get; set; }
    }
}
