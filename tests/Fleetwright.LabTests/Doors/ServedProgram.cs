using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Doors;

/// <summary>One program for all tests of a class that change nothing in it.</summary>
public sealed class ServedProgram : IAsyncLifetime
{
    private BuiltProgram? _program;
    private ProgramDoors? _doors;

    public BuiltProgram Program => _program ?? throw new InvalidOperationException("the program is not up");

    internal ProgramDoors Doors => _doors ?? throw new InvalidOperationException("the program is not up");

    public async ValueTask InitializeAsync()
    {
        _program = await BuiltProgram.ServeAsync();
        _doors = new ProgramDoors(_program);
    }

    public async ValueTask DisposeAsync()
    {
        _doors?.Dispose();
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }
    }
}
