using System.Text.Json.Nodes;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>The channels of this build, and which of them a subscription means.</summary>
internal sealed class LiveChannels
{
    private readonly ILookup<string, ILiveChannel> _channels;

    public LiveChannels(IEnumerable<ILiveChannel> channels)
    {
        _channels = channels.OrderBy(channel => channel.Name, StringComparer.Ordinal).ThenBy(channel => channel.Selector, StringComparer.Ordinal)
            .ToLookup(channel => channel.Name, StringComparer.Ordinal);
        foreach (var sharing in _channels.Where(sharing => sharing.Count() > 1))
        {
            if (sharing.Any(channel => channel.Selector is null) || sharing.DistinctBy(channel => channel.Selector, StringComparer.Ordinal).Count() < sharing.Count())
            {
                throw new InvalidOperationException($"Several channels are named '{sharing.Key}', and their selectors do not tell them apart.");
            }
        }
    }

    /// <exception cref="OperationException">There is no such channel, or the filter does not say which of several is meant.</exception>
    public ILiveChannel Get(string name, JsonObject filter)
    {
        var named = _channels[name].ToList();
        if (named.Count == 0)
        {
            throw OperationException.NotFound(
                $"there is no channel '{ProblemResponse.Shown(name)}'.", $"The channels are {string.Join(", ", _channels.Select(channel => channel.Key))}.");
        }

        if (named.Count == 1)
        {
            return named[0];
        }

        var meant = named.Where(channel => filter.ContainsKey(channel.Selector!)).ToList(); // Checked at the start: those that share a name have one.
        return meant.Count == 1 ? meant[0] : throw OperationException.Invalid(
            "filter",
            meant.Count == 0 ? $"'{name}' needs one of {Selectors(named)}." : $"{Selectors(meant)} do not go together.",
            $"Subscribe to '{name}' with one of {Selectors(named)}; two subscriptions give both.");
    }

    /// <summary>What there is, for whoever writes a client.</summary>
    public JsonArray Describe() => [.. _channels.SelectMany(channels => channels).Select(channel => new JsonObject
    {
        ["name"] = channel.Name,
        ["description"] = channel.Description,
        ["scope"] = channel.Scope,
        ["filter"] = channel.FilterSchema.DeepClone(),
    })];

    private static string Selectors(IEnumerable<ILiveChannel> channels) => string.Join(" and ", channels.Select(channel => $"filter.{channel.Selector}"));
}
