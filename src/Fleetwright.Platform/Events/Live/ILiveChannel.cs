using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Platform.Events.Live;

/// <summary>
/// Something that can be followed as it happens. Several channels may share a name (the logs of containers and of systems);
/// the filter of a subscription then says which is meant, by the member that each names as its selector. Derive from
/// <see cref="LiveChannel{TFilter}"/>, and register with <c>AddLiveChannel</c>.
/// </summary>
public interface ILiveChannel
{
    /// <summary>Lower case; what clients subscribe to.</summary>
    string Name { get; }

    /// <summary>What it tells; one or two sentences for whoever writes a client.</summary>
    string Description { get; }

    /// <summary>The scope that a caller needs.</summary>
    string Scope { get; }

    /// <summary>The filter member that only this channel has, among those of the same name; null when it has the name alone.</summary>
    string? Selector { get; }

    /// <summary>JSON Schema of its filter.</summary>
    JsonObject FilterSchema { get; }

    /// <summary>
    /// Checks the filter and whatever must be there, and returns what happens from then on. Who calls it enumerates the result
    /// in any case: that lets go of what was opened. Its end is the end of the subscription.
    /// </summary>
    /// <exception cref="OperationException">The filter is wrong, or what it names is not there or cannot be followed.</exception>
    Task<IAsyncEnumerable<LiveMessage>> OpenAsync(JsonObject filter, CancellationToken cancellationToken);
}

/// <summary>A channel whose filter is a record: its members are what a subscription may say, its required ones what it must.</summary>
/// <typeparam name="TFilter">Texts, numbers, booleans, enums and lists of them; doc comments describe the members.</typeparam>
public abstract class LiveChannel<TFilter> : ILiveChannel
    where TFilter : class
{
    private readonly Lazy<JsonObject> _schema = new(() => LiveFilter.Schema(typeof(TFilter)));

    public abstract string Name { get; }

    public abstract string Description { get; }

    public virtual string Scope => Scopes.Read;

    public virtual string? Selector => null;

    public JsonObject FilterSchema => _schema.Value;

    public Task<IAsyncEnumerable<LiveMessage>> OpenAsync(JsonObject filter, CancellationToken cancellationToken) =>
        OpenAsync(LiveFilter.Read<TFilter>(filter, FilterSchema), cancellationToken);

    /// <inheritdoc cref="ILiveChannel.OpenAsync"/>
    protected abstract Task<IAsyncEnumerable<LiveMessage>> OpenAsync(TFilter filter, CancellationToken cancellationToken);
}
