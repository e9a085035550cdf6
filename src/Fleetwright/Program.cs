using Fleetwright;
using Fleetwright.Commands;
using Fleetwright.Features.Containers;
using Fleetwright.Features.Devices;
using Fleetwright.Features.Health;
using Fleetwright.Features.Logs;
using Fleetwright.Features.Systems;

// What Fleetwright can do: one line for each capability.
var features = new FeatureList(services => services
    .AddDeviceOperations()
    .AddSystem()
    .AddContainers()
    .AddLogs()
    .AddHealth());

// How it is reached from a shell.
var program = new FleetwrightCommand(
[
    new ServeCommand(features),
    new DevicesCommand(features),
    new CallCommand(features),
    new ParseCommand(features),
    new KeysCommand(features),
    new McpCommand(features),
]);

return await program.RunAsync(args);
