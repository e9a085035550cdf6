using System.Collections.Concurrent;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;

namespace Fleetwright.Features.Containers;

/// <summary>What one device's polls keep between them.</summary>
internal sealed class ContainersMemory
{
    public string? Engine { get; set; }

    /// <summary>By container id.</summary>
    public ConcurrentDictionary<string, InspectedContainer> Inspected { get; } = new(StringComparer.Ordinal);

    /// <summary>By container id.</summary>
    public ConcurrentDictionary<string, CpuRate> Rates { get; } = new(StringComparer.Ordinal);

    /// <summary>By image id; null for an image without a registry's digest.</summary>
    public Dictionary<string, string?> Digests { get; } = new(StringComparer.Ordinal);
}

/// <summary>A container as it was inspected, with what the list showed of it at that time.</summary>
internal sealed record InspectedContainer(string ListedAs, DateTimeOffset At, Container Container);

/// <summary>The last sample of a container's processor time, and the rate that it gave.</summary>
internal sealed record CpuRate(CpuSample Sample, double? Percent, DateTimeOffset TakenAt);

/// <summary>One poll of one engine.</summary>
internal sealed class ContainersPoll(DockerEngineClient engine, ContainersMemory memory, DateTimeOffset now, TimeProvider time)
{
    /// <summary>A call takes a millisecond and a further connection to some devices a second, so few are better than many.</summary>
    private const int ParallelCalls = 3;

    /// <summary>Engines before 25.0 answer with their next sample, which they take once a second for all who wait.</summary>
    private const int ParallelSamples = 16;

    /// <summary>What the list does not show (a changed restart policy) is seen after this at the latest.</summary>
    private static readonly TimeSpan InspectAgainAfter = TimeSpan.FromMinutes(10);

    /// <summary>A shorter time between two samples measures the kernel's clock ticks more than the container.</summary>
    private static readonly TimeSpan LeastSampleTime = TimeSpan.FromMilliseconds(400);

    /// <summary>No sample is asked for after this; those who were not reached are the first of the next poll.</summary>
    private static readonly TimeSpan UsageLimit = TimeSpan.FromSeconds(7);

    /// <summary>Where samples take longer, the second one of a new container is left to the next poll.</summary>
    private static readonly TimeSpan SecondSampleLimit = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<string, string> _notInspected = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _notMeasured = new(StringComparer.Ordinal);

    public async Task<ContainerList> RunAsync(CancellationToken cancellationToken)
    {
        var listed = (await engine.ListContainersAsync(all: true, cancellationToken)).Select(ContainerReader.FromSummary).ToList();
        memory.Engine ??= await EngineNameAsync(cancellationToken);
        Forget(listed);
        var whole = new ConcurrentDictionary<string, Container>(StringComparer.Ordinal);
        await ForEachAsync(
            listed,
            ParallelCalls,
            async (container, cancel) =>
            {
                if (await InspectAsync(container, cancel) is { } inspected)
                {
                    whole[container.Id] = inspected;
                }
            },
            cancellationToken);
        await ReadDigestsAsync(whole.Values, cancellationToken);
        var usages = await MeasureAsync([.. whole.Values.Where(IsAlive)], cancellationToken);
        return new ContainerList
        {
            Engine = memory.Engine,
            Containers =
            [
                .. whole.Values
                    .Select(container => container with
                    {
                        ImageDigest = container.ImageDigest ?? memory.Digests.GetValueOrDefault(container.ImageId ?? ""),
                        Usage = usages.GetValueOrDefault(container.Id),
                    })
                    .OrderBy(container => container.Name, StringComparer.Ordinal).ThenBy(container => container.Id, StringComparer.Ordinal),
            ],
            Notes = Notes(),
        };
    }

    private async Task<Container?> InspectAsync(Container listed, CancellationToken cancellationToken)
    {
        var listedAs = ListedAs(listed);
        if (memory.Inspected.TryGetValue(listed.Id, out var known) && known.ListedAs == listedAs && IsStillTrue(listed, known))
        {
            return ContainerReader.Merge(listed, known.Container);
        }

        try
        {
            var inspected = ContainerReader.FromDetails(await engine.InspectContainerAsync(listed.Id, cancellationToken));
            memory.Inspected[listed.Id] = new InspectedContainer(listedAs, now, inspected);
            return ContainerReader.Merge(listed, inspected);
        }
        catch (DockerEngineException failure) when (failure.Failure == DockerEngineFailure.NotFound)
        {
            // It was removed since the list was made.
            return null;
        }
        catch (DockerEngineException failure)
        {
            _notInspected[listed.Name] = failure.Message;
            return listed;
        }
    }

    private bool IsStillTrue(Container listed, InspectedContainer known)
    {
        var since = now - known.At;
        // The outputs of a failing check are news each time.
        return since < InspectAgainAfter
            && listed.Health?.Status is not (HealthStatus.Unhealthy or HealthStatus.Starting)
            && (StatusText.ShortestAge(listed.StatusText) is { } age ? age > since : listed.State is ContainerState.Created);
    }

    private static string ListedAs(Container listed) => string.Join(
        '\n',
        [
            $"{listed.Name} {listed.State} {listed.Health?.Status} {listed.ExitCode}",
            .. listed.Networks.Select(network => $"{network.Name} {network.IpAddress}"),
            .. listed.Ports.Select(port => port.ToString()),
        ]);

    private static bool IsAlive(Container container) => container.State is ContainerState.Running or ContainerState.Paused;

    private async Task<ConcurrentDictionary<string, ContainerUsage>> MeasureAsync(List<Container> running, CancellationToken cancellationToken)
    {
        var usages = new ConcurrentDictionary<string, ContainerUsage>(StringComparer.Ordinal);
        var longestAgo = running.OrderBy(container => memory.Rates.GetValueOrDefault(container.Id)?.TakenAt ?? DateTimeOffset.MinValue).ToList();
        var started = time.GetTimestamp();
        await ForEachAsync(longestAgo, ParallelSamples, (container, cancel) => MeasureAsync(container, usages, started, cancel), cancellationToken);
        var fresh = running.Where(container => usages.TryGetValue(container.Id, out var usage) && usage.CpuPercent is null).ToList();
        var passed = time.GetElapsedTime(started);
        if (fresh.Count > 0 && passed < SecondSampleLimit)
        {
            // A rate needs two samples: the first poll takes both, so that nobody has to ask twice.
            await Task.Delay(passed < LeastSampleTime ? LeastSampleTime - passed : TimeSpan.Zero, time, cancellationToken);
            await ForEachAsync(fresh, ParallelSamples, (container, cancel) => MeasureAsync(container, usages, started, cancel), cancellationToken);
        }

        return usages;
    }

    private async ValueTask MeasureAsync(
        Container container, ConcurrentDictionary<string, ContainerUsage> usages, long started, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(started) > UsageLimit)
        {
            if (!usages.ContainsKey(container.Id))
            {
                _notMeasured[container.Name] = "The engine takes its time; they are asked first in the next poll.";
            }

            return;
        }

        try
        {
            var stats = await engine.ReadStatsAsync(container.Id, cancellationToken);
            var known = memory.Rates.GetValueOrDefault(container.Id);
            if (UsageMath.Of(stats, known?.Sample) is not { } usage)
            {
                return;
            }

            var at = time.GetUtcNow();
            if (known is { Percent: not null } && at - known.TakenAt < LeastSampleTime)
            {
                usage = usage with { CpuPercent = known.Percent };
            }
            else if (CpuSample.Of(stats) is { } sample && (known is null || at - known.TakenAt >= LeastSampleTime * 0.9))
            {
                memory.Rates[container.Id] = new CpuRate(sample, usage.CpuPercent, at);
            }

            usages[container.Id] = usage;
            _notMeasured.TryRemove(container.Name, out _);
        }
        catch (DockerEngineException failure)
        {
            if (failure.Failure is not DockerEngineFailure.NotFound)
            {
                _notMeasured[container.Name] = failure.Message;
            }
        }
    }

    private async Task ReadDigestsAsync(IEnumerable<Container> containers, CancellationToken cancellationToken)
    {
        var unknown = containers.Select(container => container.ImageId).OfType<string>().Where(id => !memory.Digests.ContainsKey(id)).ToHashSet(StringComparer.Ordinal);
        if (unknown.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var image in await engine.ListImagesAsync(cancellationToken))
            {
                var digest = image.RepoDigests is [var first, ..] ? first[(first.IndexOf('@', StringComparison.Ordinal) + 1)..] : null;
                memory.Digests[image.Id ?? ""] = digest is ['s', 'h', 'a', ..] ? digest : null;
            }

            // Images that were removed under a running container are not listed; asking again would not bring them back.
            foreach (var id in unknown)
            {
                memory.Digests.TryAdd(id, null);
            }
        }
        catch (DockerEngineException)
        {
            // Digests are an extra; the next poll asks again.
        }
    }

    private async Task<string?> EngineNameAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = await engine.ReadVersionAsync(cancellationToken);
            return TerminalText.OneLine($"{(engine.IsPodman || version.IsPodman ? "podman" : "docker")} {version.Version}", 60);
        }
        catch (DockerEngineException)
        {
            return null;
        }
    }

    private void Forget(List<Container> listed)
    {
        var there = listed.Select(container => container.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in memory.Inspected.Keys.Where(id => !there.Contains(id)))
        {
            memory.Inspected.TryRemove(id, out _);
        }

        foreach (var id in memory.Rates.Keys.Except(listed.Where(IsAlive).Select(container => container.Id), StringComparer.Ordinal))
        {
            memory.Rates.TryRemove(id, out _);
        }
    }

    private List<string>? Notes()
    {
        List<string> notes = [];
        Add(_notInspected, "could not be inspected, so only what the list shows is known of");
        Add(_notMeasured, "gave no usage");
        return notes.Count > 0 ? notes : null;

        void Add(ConcurrentDictionary<string, string> failures, string what)
        {
            if (!failures.IsEmpty)
            {
                var names = TerminalText.OneLine(string.Join(", ", failures.Keys.Order(StringComparer.Ordinal)), 300);
                notes.Add($"{failures.Count} containers {what}: {names}. {failures.Values.First()}");
            }
        }
    }

    private static Task ForEachAsync(
        IReadOnlyList<Container> containers, int parallel, Func<Container, CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(containers, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken }, action);
}
