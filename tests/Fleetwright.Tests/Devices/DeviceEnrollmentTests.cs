using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Tests.Devices.Facts;

namespace Fleetwright.Tests.Devices;

public sealed class DeviceEnrollmentTests : IAsyncDisposable
{
    private readonly DevicesKit _kit = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task Add_Reached_IsOnlineWithFacts_AndKeepsTheConnectionItCameBy()
    {
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");

        var enrolled = await _kit.Enrollment.AddAsync(New("nas", "root@nas"), _cancel);

        Assert.True(enrolled.Test!.Reached);
        Assert.NotEmpty(enrolled.Test.Checks);
        Assert.Equal((DeviceStatus.Online, DeviceType.Unraid), (enrolled.Device.State.Status, enrolled.Device.Type!.Value));
        Assert.Equal(enrolled.Test.Facts!.MachineId, enrolled.Device.Device.MachineId);
        Assert.Same(Assert.Single(_kit.Connections), _kit.Registry.ConnectionOf("nas"));

        await _kit.RestartAsync();
        Assert.Equal(enrolled.Test.Facts.MachineId, _kit.Registry.Get("nas").Facts?.MachineId);
    }

    [Fact]
    public async Task Add_SameMachineAtAnotherAddress_IsRefusedAndTheConnectionClosed()
    {
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");
        _kit.Machines["root@100.64.0.1"] = () => Recorded.Bytes("unraid");
        await _kit.Enrollment.AddAsync(New("nas", "root@nas"), _cancel);

        var refusal = await Assert.ThrowsAsync<OperationException>(() => _kit.Enrollment.AddAsync(New("twin", "root@100.64.0.1"), _cancel));

        Assert.Equal(OperationError.Conflict, refusal.Error);
        Assert.True(_kit.Connections.Last().IsDisposed);
        Assert.Single(_kit.Registry.List());
    }

    [Fact]
    public async Task Add_NotReached_IsAddedOfflineWithTheReason()
    {
        var enrolled = await _kit.Enrollment.AddAsync(New("nas", "root@nowhere"), _cancel);

        Assert.False(enrolled.Test!.Reached);
        Assert.Equal(("Nothing listens there.", "do this"), (enrolled.Test.Problem, enrolled.Test.NextStep));
        Assert.Equal(DeviceStatus.Offline, enrolled.Device.State.Status);
        Assert.True(Assert.Single(_kit.Connections).IsDisposed);
    }

    [Fact]
    public async Task Add_Invalid_IsRefusedBeforeAnythingIsConnected()
    {
        await Assert.ThrowsAsync<OperationException>(() => _kit.Enrollment.AddAsync(New("", "root@nas"), _cancel));

        Assert.Empty(_kit.Connections);
    }

    [Fact]
    public async Task Add_Paused_IsNotConnectedTo()
    {
        var enrolled = await _kit.Enrollment.AddAsync(New("nas", "root@nas") with { Paused = true }, _cancel);

        Assert.Null(enrolled.Test);
        Assert.Empty(_kit.Connections);
    }

    [Fact]
    public async Task Test_AfterTheDeviceCameBack_TurnsItOnlineByAConnectionOfItsOwn()
    {
        await _kit.Enrollment.AddAsync(New("nas", "root@nas"), _cancel);
        var old = (FakeConnection)_kit.Registry.ConnectionOf("nas");
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");

        var test = await _kit.Tester.TestAsync("nas", _cancel);

        Assert.True(test.Reached);
        Assert.Equal(DeviceStatus.Online, _kit.Registry.Get("nas").State.Status);
        Assert.True(old.IsDisposed);
        Assert.NotSame(old, _kit.Registry.ConnectionOf("nas"));
    }

    [Fact]
    public async Task Test_OpenConnection_IsLeftAlone()
    {
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");
        await _kit.Enrollment.AddAsync(New("nas", "root@nas"), _cancel);
        var kept = _kit.Registry.ConnectionOf("nas");

        await _kit.Tester.TestAsync("nas", _cancel);

        Assert.Same(kept, _kit.Registry.ConnectionOf("nas"));
        Assert.True(_kit.Connections.Last().IsDisposed);
    }

    [Fact]
    public async Task Test_AnswerIsNonsense_IsReachedWithTheProblem()
    {
        await _kit.AddAsync("nas", "root@nas");
        _kit.Machines["root@nas"] = () => "This account is disabled.\n"u8.ToArray();

        var test = await _kit.Tester.TestAsync("nas", _cancel);

        Assert.True(test.Reached);
        Assert.NotNull(test.Problem);
        Assert.NotNull(test.NextStep);
        Assert.Null(test.Facts);
    }

    [Fact]
    public async Task Test_Paused_ConnectsAndLeavesItPaused()
    {
        await _kit.AddAsync("nas", "root@nas");
        await _kit.Registry.UpdateAsync("nas", new DeviceChange { Paused = true }, _cancel);
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");

        Assert.True((await _kit.Tester.TestAsync("nas", _cancel)).Reached);

        Assert.True(_kit.Registry.Get("nas").Device.Paused);
        Assert.True(Assert.Single(_kit.Connections).IsDisposed);
    }

    private static NewDevice New(string name, string ssh) => new() { Name = name, Address = DevicesKit.Address(ssh) };
}
