namespace Fleetwright.LabTests.Lab;

/// <summary>What <c>lab/up</c> wrote into <c>lab.json</c>; see <c>lab/README.md</c>.</summary>
public sealed record LabDescription
{
    public required int Version { get; init; }

    /// <summary>The lab's state folder.</summary>
    public required string State { get; init; }

    /// <summary>Private key that every device lets in.</summary>
    public required string ClientKey { get; init; }

    /// <summary>A known_hosts file with the keys the devices have now.</summary>
    public required string KnownHosts { get; init; }

    /// <summary>Path of the <c>lab/fault</c> command.</summary>
    public required string Fault { get; init; }

    public required LabEngine Engine { get; init; }

    public required IReadOnlyList<LabDevice> Devices { get; init; }
}

/// <summary>The lab's Docker Engine.</summary>
public sealed record LabEngine
{
    /// <summary>Path of its Unix socket on this machine.</summary>
    public required string Socket { get; init; }

    public required IReadOnlyList<string> Containers { get; init; }
}

/// <summary>One sshd device and what is known about it beforehand.</summary>
public sealed record LabDevice
{
    public required string Name { get; init; }

    /// <summary><c>user@host:port</c>.</summary>
    public required string Destination { get; init; }

    public required string User { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string KeyFile { get; init; }

    /// <summary>Type and base64 of its host key at the start of the lab.</summary>
    public required string HostKey { get; init; }

    /// <summary>The same as <c>SHA256:…</c>.</summary>
    public required string HostKeyFingerprint { get; init; }

    public required string Hostname { get; init; }

    public required string MachineId { get; init; }

    public required string LoginShell { get; init; }

    /// <summary>What <c>sh</c> is there: <c>bash</c>, <c>dash</c> or <c>ash</c>.</summary>
    public required string Sh { get; init; }

    /// <summary><c>root</c>, <c>sudo</c> or <c>none</c>.</summary>
    public required string Privileges { get; init; }

    /// <summary>Is the engine's socket at /var/run/docker.sock there?</summary>
    public required bool Docker { get; init; }

    /// <summary>Does its sshd forward ports and sockets?</summary>
    public required bool Forwarding { get; init; }

    public required int MaxSessions { get; init; }
}
