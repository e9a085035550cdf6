using Fleetwright.Hosting;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Commands;

/// <summary>How the command line tells of a failure: what is wrong, what to do next, and an exit code.</summary>
internal static class Failures
{
    public static int Print(Exception exception)
    {
        switch (exception)
        {
            case OperationException failure:
                Say(failure.Message, failure.NextStep);
                return ExitCodes.Of(failure.Error);
            case StartException failure:
                Say(failure.Message, failure.NextStep);
                return failure.WrongUse ? ExitCodes.WrongUse : ExitCodes.Failed;
            default:
                Say("interrupted.", "Run it again when you like.");
                return ExitCodes.Interrupted;
        }
    }

    private static void Say(string what, string next)
    {
        Console.Error.WriteLine("error: " + what);
        Console.Error.WriteLine("next: " + next);
    }
}
