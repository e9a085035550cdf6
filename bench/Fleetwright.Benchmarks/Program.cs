using Fleetwright.Benchmarks;

if (args is ["trivial-host", var url])
{
    await TrivialHost.RunAsync(url);
    return 0;
}

var settings = Settings.Read(args);
var figures = new Figures();
await using var folder = new Folder();
if (settings.Wants("ssh"))
{
    await SshBench.RunAsync(settings, folder, figures);
}

if (settings.Wants("docker"))
{
    await DockerBench.RunAsync(settings, folder, figures);
}

if (settings.Wants("mcp"))
{
    await McpBench.RunAsync(settings, folder, figures);
}

if (settings.Wants("fleet"))
{
    await FleetBench.RunAsync(settings, folder, figures);
}

Console.WriteLine();
Console.WriteLine(figures.ToMarkdown());
if (settings.IsWhole)
{
    await File.WriteAllTextAsync(Path.Combine(settings.Root, "bench", "README.md"), figures.ToReadme());
}

return 0;
