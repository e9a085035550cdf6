namespace Fleetwright.Platform.Connections.Docker;

/// <summary>What kind of failure an engine's answer was.</summary>
public enum DockerEngineFailure
{
    /// <summary>The engine answered with an error.</summary>
    Refused,

    /// <summary>There is no such container, image, …</summary>
    NotFound,

    /// <summary>No whole answer within the limit.</summary>
    TimedOut,

    /// <summary>The engine closed the connection, or what it sent was not understood.</summary>
    Broken,

    /// <summary>The answer is larger than what is accepted.</summary>
    TooLarge,

    /// <summary>It speaks an API older than 1.24.</summary>
    TooOld,
}

/// <summary>The device was reached, and its container engine did not give the answer. The message holds the engine's own words as data.</summary>
public sealed class DockerEngineException : Exception
{
    public DockerEngineException(DockerEngineFailure failure, string message, int statusCode = 0, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        StatusCode = statusCode;
    }

    public DockerEngineFailure Failure { get; }

    /// <summary>The HTTP status; 0 when there was none.</summary>
    public int StatusCode { get; }
}
