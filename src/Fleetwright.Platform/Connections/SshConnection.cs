using System.ComponentModel;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Connections;

/// <summary>
/// The way to a device over SSH, by the system's OpenSSH client: opened on first need, kept, and opened anew by the
/// next caller after a loss. While it waits before another attempt, callers get the last reason at once.
/// </summary>
internal sealed partial class SshConnection : IConnection
{
    // What a server may use beyond ssh's own ConnectTimeout for key exchange and sign-in.
    private static readonly TimeSpan SignInLimit = TimeSpan.FromSeconds(10);
    private readonly string _device;
    private readonly DeviceAddress _address;
    private readonly ConnectionOptions _options;
    private readonly string _runFolder;
    private readonly HostKeys _hostKeys;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ReconnectBackoff _backoff;
    private readonly CancellationTokenSource _closing = new();
    private SshLink? _link;
    private Task<SshLink>? _opening;

    public SshConnection(
        string device, DeviceAddress address, ConnectionOptions options, string runFolder, HostKeys hostKeys,
        TimeProvider time, ILogger logger)
    {
        _device = device;
        _address = address;
        _options = options;
        _runFolder = runFolder;
        _hostKeys = hostKeys;
        _time = time;
        _logger = logger;
        _backoff = new ReconnectBackoff(time, Random.Shared);
    }

    public event Action<ConnectionException>? Lost;

    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _link is not null;
            }
        }
    }

    /// <summary>How many channels the server allows as far as is known; the configured number before first use.</summary>
    internal int ChannelLimit
    {
        get
        {
            lock (_lock)
            {
                return _link?.Channels.Pool.Limit ?? _options.MaxChannels;
            }
        }
    }

    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken) =>
        (await RunBatchAsync([command], cancellationToken))[0];

    public async Task<IReadOnlyList<CommandResult>> RunBatchAsync(
        IReadOnlyList<Command> commands, CancellationToken cancellationToken)
    {
        var link = await LinkAsync(force: false, cancellationToken);
        return await link.Channels.RunBatchAsync(commands, cancellationToken);
    }

    public async Task<CommandStream> StreamAsync(Command command, CancellationToken cancellationToken)
    {
        var link = await LinkAsync(force: false, cancellationToken);
        return await link.Channels.StreamAsync(command, cancellationToken);
    }

    public async Task<Stream> OpenUnixSocketAsync(string path, CancellationToken cancellationToken)
    {
        var link = await LinkAsync(force: false, cancellationToken);
        return await link.OpenUnixSocketAsync(path, cancellationToken);
    }

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var link = await LinkAsync(force: true, cancellationToken);
        await link.Channels.RunBatchAsync([new Command("true")], cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        SshLink? link;
        Task<SshLink>? opening;
        lock (_lock)
        {
            (link, _link) = (_link, null);
            opening = _opening;
            if (_closing.IsCancellationRequested)
            {
                return;
            }

            _closing.Cancel();
        }

        if (opening is not null)
        {
            await opening.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        if (link is not null)
        {
            await link.DisposeAsync();
        }

        _closing.Dispose();
    }

    private Task<SshLink> LinkAsync(bool force, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_link is not null)
            {
                return Task.FromResult(_link);
            }

            if (_opening is null)
            {
                if (!force && _backoff.Holding is { } held)
                {
                    throw new ConnectionException(held.Failure, held.Message, held.Advice, held);
                }

                _opening = Task.Run(OpenLinkAsync, CancellationToken.None);
            }

            return _opening.WaitAsync(cancellationToken);
        }
    }

    private async Task<SshLink> OpenLinkAsync()
    {
        try
        {
            var link = await ConnectAsync(_closing.Token);
            lock (_lock)
            {
                _opening = null;
                if (!_closing.IsCancellationRequested)
                {
                    _link = link;
                    _backoff.Opened();
                    _ = WatchAsync(link);
                    LogOpened(_device);
                    return link;
                }
            }

            await link.DisposeAsync();
            throw new ObjectDisposedException(nameof(SshConnection));
        }
        catch (Exception e)
        {
            var reason = e as ConnectionException ?? new ConnectionException(
                ConnectionFailure.Unknown, $"{_device}: the connection could not be opened.", "Look into the server's log.", e);
            lock (_lock)
            {
                _opening = null;
                _backoff.Failed(reason);
            }

            if (e is ObjectDisposedException or OperationCanceledException)
            {
                throw new ObjectDisposedException(nameof(SshConnection), e);
            }

            LogFailed(_device, reason.Failure, reason.Message);
            throw reason;
        }
    }

    private async Task<SshLink> ConnectAsync(CancellationToken cancellationToken)
    {
        // ssh makes the socket under a longer name first; see ConnectionOptions.LongestRunDirectory.
        var controlPath = Path.Combine(_runFolder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)));
        var known = _hostKeys.Known.Find(_address);
        var arguments = SshArguments.Master(_address, _options, controlPath, _hostKeys.Known.File, known.Count > 0);
        try
        {
            var master = await SshMaster.StartAsync(
                arguments, controlPath, _options.ConnectTimeout + SignInLimit, _time, cancellationToken);
            return new SshLink(master, _device, _options, _time);
        }
        catch (SshEndedException e)
        {
            var reason = SshFailureParser.Parse(e.Said, _device);
            throw reason.Failure == ConnectionFailure.HostKeyChanged
                ? await _hostKeys.DescribeChangeAsync(_device, _address, e.Said, cancellationToken)
                : reason;
        }
        catch (Win32Exception e)
        {
            throw new ConnectionException(
                ConnectionFailure.ClientMissing, "No sh could be started where Fleetwright runs.", "Install a POSIX sh and openssh-client there.", e);
        }
    }

    private async Task WatchAsync(SshLink link)
    {
        var reason = await link.Gone;
        lock (_lock)
        {
            if (_link != link)
            {
                return;
            }

            _link = null;
            _backoff.Lost(reason);
        }

        LogLost(_device, reason.Message);
        link.Channels.Pool.Close(reason);
        try
        {
            Lost?.Invoke(reason);
        }
        finally
        {
            await link.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to {Device}")]
    private partial void LogOpened(string device);

    [LoggerMessage(Level = LogLevel.Information, Message = "Could not connect to {Device}: {Failure}: {Reason}")]
    private partial void LogFailed(string device, ConnectionFailure failure, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the connection to {Device}: {Reason}")]
    private partial void LogLost(string device, string reason);
}
