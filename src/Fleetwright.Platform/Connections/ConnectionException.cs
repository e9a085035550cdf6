namespace Fleetwright.Platform.Connections;

/// <summary>Why a device could not be reached, as people and programs are told.</summary>
public enum ConnectionFailure
{
    Unknown,
    /// <summary>Nothing listens at that address and port.</summary>
    Refused,
    /// <summary>No answer within the limit.</summary>
    TimedOut,
    /// <summary>The network says there is no way to the address.</summary>
    NoRoute,
    NameNotFound,
    /// <summary>The device answered and rejected the user or the key.</summary>
    KeyRejected,
    /// <summary>The private key file is missing, unreadable, or open to others.</summary>
    KeyUnusable,
    /// <summary>The device shows another host key than the one it was known by.</summary>
    HostKeyChanged,
    /// <summary>The device does not allow its sockets to be forwarded.</summary>
    ForwardingRefused,
    /// <summary>The device allows no further session on this connection.</summary>
    TooManySessions,
    /// <summary>No POSIX sh could be started for this user.</summary>
    ShellMissing,
    /// <summary>The connection was open and went away.</summary>
    Lost,
    /// <summary>The far side does not speak SSH, or shares no algorithm with us.</summary>
    ProtocolError,
    /// <summary>The Unix socket does not exist on the device.</summary>
    SocketMissing,
    /// <summary>The user may not open the Unix socket.</summary>
    SocketNotPermitted,
    /// <summary>The user's own ssh configuration has a mistake.</summary>
    ConfigurationError,
    /// <summary>The OpenSSH client is not installed where Fleetwright runs.</summary>
    ClientMissing,
}

/// <summary>A device could not be reached, or was lost; says why and what to do about it.</summary>
public sealed class ConnectionException : Exception
{
    public ConnectionException(ConnectionFailure failure, string message, string advice, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        Advice = advice;
    }

    public ConnectionFailure Failure { get; }

    /// <summary>One sentence for a person: what to do next.</summary>
    public string Advice { get; }

    /// <summary>The device is there but will not let us in; trying again changes nothing until a person acts.</summary>
    public bool NeedsPerson => Failure is ConnectionFailure.HostKeyChanged or ConnectionFailure.KeyRejected
        or ConnectionFailure.KeyUnusable or ConnectionFailure.ShellMissing or ConnectionFailure.ConfigurationError
        or ConnectionFailure.ClientMissing or ConnectionFailure.ProtocolError;
}
