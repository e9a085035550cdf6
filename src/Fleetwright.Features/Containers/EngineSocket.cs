using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>Where a device's container engine listens, and what to tell people when it does not let us in.</summary>
internal static class EngineSocket
{
    /// <summary>
    /// The socket's path; null when the device has no engine. Facts are up to an hour old, so a socket that was not there
    /// then is tried all the same where its tool is installed.
    /// </summary>
    public static string? PathOf(DeviceFacts facts) =>
        facts.DockerSocketPath
        ?? (facts.HasTool("docker") ? "/var/run/docker.sock"
            : facts.HasTool("podman") ? "/run/podman/podman.sock"
            : null);

    /// <summary>The reading that a failure to open the socket is; null when the failure is the device's, not the engine's.</summary>
    public static Reading<ContainerList>? ReadingOf(ConnectionException failure, DeviceFacts facts) => failure.Failure switch
    {
        ConnectionFailure.SocketNotPermitted => Reading.NotPermitted<ContainerList>(
            $"The user {facts.Privileges.User} may not open {PathOf(facts)}.", Remedy(facts)),
        // A command line without an engine beside it manages engines elsewhere; that is nothing to repair.
        ConnectionFailure.SocketMissing when facts.DockerSocketPath is null => Reading.NoData<ContainerList>(
            $"{(facts.HasTool("docker") ? "docker" : "podman")} is installed, but no container engine listens at {PathOf(facts)}."),
        ConnectionFailure.SocketMissing => Reading.Failed<ContainerList>(
            $"The container engine is not running: nothing listens at {PathOf(facts)}.", remedy: StartCommand(facts)),
        ConnectionFailure.ForwardingRefused or ConnectionFailure.TooManySessions =>
            Reading.Failed<ContainerList>(failure.Message, remedy: failure.Advice),
        _ => null,
    };

    /// <summary>A failure as an operation's caller is told.</summary>
    public static OperationException ErrorOf(Exception failure, RegisteredDevice device) => failure switch
    {
        ConnectionException { Failure: ConnectionFailure.SocketNotPermitted } when device.Facts is { } facts => new OperationException(
            OperationError.NotPermittedOnDevice, $"On {device.Name} the user {facts.Privileges.User} may not open {PathOf(facts)}.", $"Run there: {Remedy(facts)}"),
        ConnectionException { Failure: ConnectionFailure.SocketMissing } when device.Facts is { } facts => new OperationException(
            OperationError.DeviceFailed, $"The container engine on {device.Name} is not running.", $"Run there: {StartCommand(facts)}"),
        ConnectionException { Failure: ConnectionFailure.ForwardingRefused or ConnectionFailure.TooManySessions } refused => new OperationException(
            OperationError.DeviceFailed, $"{device.Name}: {refused.Message}", refused.Advice),
        ConnectionException away => new OperationException(OperationError.DeviceAway, $"{device.Name} did not answer: {away.Message}", away.Advice),
        DockerEngineException { Failure: DockerEngineFailure.TimedOut } late => new OperationException(
            OperationError.TimedOut, $"{device.Name}: {late.Message}", "Ask again, or for less; look whether the engine is overloaded."),
        DockerEngineException engine => new OperationException(
            OperationError.DeviceFailed, $"{device.Name}: {engine.Message}", "See what the engine's own log says: journalctl -u docker."),
        _ => new OperationException(OperationError.Internal, $"Asking {device.Name} failed.", "See the server's log."),
    };

    private static string Remedy(DeviceFacts facts)
    {
        var user = facts.Privileges.User;
        return PathOf(facts)?.Contains("podman", StringComparison.Ordinal) == true
            ? $"sudo loginctl enable-linger {user} && systemctl --user enable --now podman.socket (as {user})"
            : $"sudo usermod -aG docker {user} (it counts from {user}'s next login on, so reconnect the device)";
    }

    private static string StartCommand(DeviceFacts facts) =>
        PathOf(facts)?.Contains("podman", StringComparison.Ordinal) == true ? "sudo systemctl start podman.socket"
            : facts.Type is DeviceType.Unraid ? "/etc/rc.d/rc.docker start"
            : facts.Type is DeviceType.Alpine ? "sudo rc-service docker start"
            : "sudo systemctl start docker";
}
