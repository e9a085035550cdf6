namespace Fleetwright.Hosting;

/// <summary>The program cannot start as it was asked to; says what to do next.</summary>
internal sealed class StartException(string message, string nextStep, bool wrongUse = false) : Exception(message)
{
    public string NextStep { get; } = nextStep;

    public bool WrongUse { get; } = wrongUse;
}
