using System.Text;
using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Probes;

/// <summary>A device under the test's command: faults and slowness of real ones are hard to have at the right moment.</summary>
internal sealed class FakeConnection : IConnection
{
    private readonly List<IReadOnlyList<string>> _batches = [];

    public event Action<ConnectionException>? Lost;

    public bool IsOpen { get; set; } = true;

    /// <summary>Thrown by whatever is asked while it is set.</summary>
    public ConnectionException? Failure { get; set; }

    /// <summary>While it is set, answers wait for it.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>What a script prints, by the script's text; others print their own text.</summary>
    public Dictionary<string, CommandResult> Answers { get; } = new(StringComparer.Ordinal);

    public bool Disposed { get; private set; }

    /// <summary>The scripts of each round trip, in order.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Batches
    {
        get
        {
            lock (_batches)
            {
                return [.. _batches];
            }
        }
    }

    public int Singles { get; private set; }

    public static CommandResult Printed(string output) => new()
    {
        ExitCode = 0,
        Output = Encoding.UTF8.GetBytes(output),
        Error = default,
        Duration = TimeSpan.FromMilliseconds(3),
    };

    public async Task<IReadOnlyList<CommandResult>> RunBatchAsync(IReadOnlyList<Command> commands, CancellationToken cancellationToken)
    {
        List<string> scripts = [.. commands.Select(command => command.Arguments[2])];
        lock (_batches)
        {
            _batches.Add(scripts);
        }

        await AnswerAsync(cancellationToken);
        return scripts.ConvertAll(script => Answers.TryGetValue(script, out var answer) ? answer : Printed(script));
    }

    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        Singles++;
        await AnswerAsync(cancellationToken);
        return Printed("");
    }

    public Task<CommandStream> StreamAsync(Command command, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Stream> OpenUnixSocketAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Lose(ConnectionException failure) => Lost?.Invoke(failure);

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        if (Hold is { } hold)
        {
            await hold.Task.WaitAsync(cancellationToken);
        }

        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
