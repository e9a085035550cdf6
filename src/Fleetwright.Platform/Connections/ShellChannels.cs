namespace Fleetwright.Platform.Connections;

/// <summary>Commands, streams and raw programs over the kept shells of one open connection, local or remote.</summary>
/// <param name="pool">Where shells come from.</param>
/// <param name="explain">Turns the sudden end of a shell into what callers are told.</param>
internal sealed class ShellChannels(ShellPool pool, Func<ShellEndedException, Task<ConnectionException>> explain) : IAsyncDisposable
{
    public ShellPool Pool => pool;

    public async Task<IReadOnlyList<CommandResult>> RunBatchAsync(
        IReadOnlyList<Command> commands, CancellationToken cancellationToken)
    {
        var results = new List<CommandResult>(commands.Count);
        while (results.Count < commands.Count)
        {
            var rest = results.Count == 0 ? commands : [.. commands.Skip(results.Count)];
            var part = await RunPartAsync(rest, cancellationToken);
            if (part.Count == 0)
            {
                throw new ConnectionException(
                    ConnectionFailure.TimedOut,
                    $"The device's shell did not start the command within {ShellBatch.BeginLimit.TotalSeconds:0} s.",
                    "See whether the device is out of memory or processes, then try again.");
            }

            results.AddRange(part);
        }

        return results;
    }

    public async Task<CommandStream> StreamAsync(Command command, CancellationToken cancellationToken)
    {
        var shell = await pool.RentAsync(forStream: true, cancellationToken);
        try
        {
            return ShellCommandStream.Start(pool, shell, command);
        }
        catch
        {
            pool.Return(shell, forStream: true);
            throw;
        }
    }

    /// <summary>Runs a program on a shell's channel with both its standard input and output as one stream.</summary>
    public async Task<ProgramStream> BecomeAsync(Command command, CancellationToken cancellationToken)
    {
        var shell = await pool.RentAsync(forStream: true, cancellationToken);
        try
        {
            return await ProgramStream.StartAsync(pool, shell, command, cancellationToken);
        }
        catch (Exception e)
        {
            shell.Spoil();
            pool.Return(shell, forStream: true);
            if (e is ShellEndedException ended)
            {
                throw await explain(ended);
            }

            throw;
        }
    }

    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private async Task<IReadOnlyList<CommandResult>> RunPartAsync(
        IReadOnlyList<Command> commands, CancellationToken cancellationToken)
    {
        var shell = await pool.RentAsync(forStream: false, cancellationToken);
        var batch = new ShellBatch(shell, commands);
        var running = RunAndReturnAsync(batch, shell);
        try
        {
            return await running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            batch.Abandon();
            throw;
        }
        catch (ShellEndedException e)
        {
            throw await explain(e);
        }
    }

    /// <summary>Outlives a cancelled caller: the shell goes back when it is quiet again.</summary>
    private async Task<IReadOnlyList<CommandResult>> RunAndReturnAsync(ShellBatch batch, KeptShell shell)
    {
        try
        {
            return await batch.RunAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            shell.Spoil();
            throw new ShellEndedException(null, e.Message);
        }
        catch
        {
            shell.Spoil();
            throw;
        }
        finally
        {
            batch.Dispose();
            pool.Return(shell, forStream: false);
        }
    }
}
