using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Operations;

public sealed class OperationCatalogueTests
{
    [Fact]
    public void Catalogue_GoodOperation_IsDescribedFromItsMethod()
    {
        var operation = new OperationCatalogue([new OperationSource(typeof(SampleOperations))]).Get("find_things");

        Assert.Equal("Finds things on a device.", operation.Description);
        Assert.Equal(Scopes.Read, operation.Scope);
        Assert.True(operation.ReadsOnly);
        Assert.Equal(["device", "kind", "since", "limit", "tags"], operation.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(ParameterPlace.Route, operation.Parameters[0].Place);
        Assert.Equal("""{"type":"object","properties":{"device":{"type":"string","description":"The device."},"kind":{"type":"string","enum":["big","small"],"description":"Only this kind."},"since":{"type":"string","description":"From when."},"limit":{"type":"integer","description":"How many."},"tags":{"type":"array","items":{"type":"string"},"description":"Tags."}},"required":["device"]}""", operation.InputSchema.ToJsonString());
        Assert.Equal("object", operation.OutputSchema["type"]!.GetValue<string>());
    }

    [Fact]
    public void Catalogue_BodyRecord_BecomesArguments()
    {
        var operation = new OperationCatalogue([new OperationSource(typeof(SampleOperations))]).Get("make_thing");

        Assert.Equal(["device", "name", "sizeBytes"], operation.Parameters.Select(parameter => parameter.Name));
        Assert.Equal([true, true, false], operation.Parameters.Select(parameter => parameter.Required));
        Assert.Equal(ParameterPlace.Body, operation.Parameters[1].Place);
    }

    [Fact]
    public void Catalogue_ManyMistakes_AllAreTold()
    {
        var exception = Assert.Throws<OperationCatalogueException>(() => new OperationCatalogue([new OperationSource(typeof(WrongOperations))]));

        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("snake_case", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("no doc comment", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("must declare its Scope", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("must declare its Effect", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("the scope read is not enough", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("has no description", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("two operations of this name", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("is twice_one's already", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("{missing}", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("CancellationToken", StringComparison.Ordinal));
        Assert.Contains(exception.Mistakes, mistake => mistake.Contains("must return Task<a record>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"device":"nas","limit":"many"}""", "limit")]
    [InlineData("""{"device":"nas","kind":"huge"}""", "kind")]
    [InlineData("""{"device":"nas","since":"yesterday-ish"}""", "since")]
    [InlineData("""{"device":"nas","tags":"a"}""", "tags")]
    [InlineData("""{"device":"nas","typo":1}""", "typo")]
    [InlineData("""{"device":null}""", "device")]
    [InlineData("""{"device":{"a":1}}""", "device")]
    [InlineData("{}", "device")]
    public void Bind_WrongArgument_NamesItAndSaysWhatToDo(string arguments, string named)
    {
        var operation = new OperationCatalogue([new OperationSource(typeof(SampleOperations))]).Get("find_things");

        var exception = Assert.Throws<OperationException>(() => operation.Method.Bind(operation, JsonNode.Parse(arguments)!.AsObject()));

        Assert.Equal(OperationError.Invalid, exception.Error);
        Assert.StartsWith(named + ":", exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(exception.NextStep);
    }

    [Fact]
    public async Task Bind_AllArguments_ReachTheMethod()
    {
        var operation = new OperationCatalogue([new OperationSource(typeof(SampleOperations))]).Get("find_things");
        var bound = operation.Method.Bind(operation, JsonNode.Parse("""{"device":"nas","kind":"big","since":"15m","limit":7,"tags":["a","b"]}""")!.AsObject());

        var result = (Found)(await operation.Method.InvokeAsync(new SampleOperations(), bound, CancellationToken.None))!;

        Assert.Equal("nas Big 15m 7 a+b", result.What);
    }

    public enum Kind
    {
        Big,
        Small,
    }

    public sealed record Found(string What);

    /// <summary>What to make.</summary>
    public sealed record NewThing
    {
        /// <summary>Its name.</summary>
        public required string Name { get; init; }

        /// <summary>Its size.</summary>
        public long? SizeBytes { get; init; }
    }

    public sealed class SampleOperations
    {
        /// <summary>Finds things on a device.</summary>
        /// <param name="device">The device.</param>
        /// <param name="kind">Only this kind.</param>
        /// <param name="since">From when.</param>
        /// <param name="limit">How many.</param>
        /// <param name="tags">Tags.</param>
        /// <param name="cancellationToken">Ends the call.</param>
        [Operation("find_things", "GET /api/devices/{device}/things")]
        public Task<Found> FindAsync(string device, Kind? kind, PointInTime? since, int limit = 100, string[]? tags = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new Found($"{device} {kind} {since} {limit} {string.Join('+', tags ?? [])}"));

        /// <summary>Makes a thing.</summary>
        /// <param name="device">The device.</param>
        /// <param name="thing">What to make.</param>
        /// <param name="cancellationToken">Ends the call.</param>
        [Operation("make_thing", "POST /api/devices/{device}/things", Scope = Scopes.Operate, Effect = OperationEffect.Adds, Repeat = OperationRepeat.Unsafe)]
        public Task<Found> MakeAsync(string device, NewThing thing, CancellationToken cancellationToken) =>
            Task.FromResult(new Found($"{device} {thing.Name} {thing.SizeBytes}"));
    }

    public sealed class WrongOperations
    {
        [Operation("NotSnake", "GET /api/one")]
        public Task<Found> A(CancellationToken cancellationToken) => Task.FromResult(new Found(""));

        /// <summary>Changes without saying how.</summary>
        [Operation("undeclared", "POST /api/two")]
        public Task<Found> B(CancellationToken cancellationToken) => Task.FromResult(new Found(""));

        /// <summary>Changes with a scope that only reads.</summary>
        [Operation("weak", "POST /api/three", Scope = Scopes.Read, Effect = OperationEffect.Changes, Repeat = OperationRepeat.Safe)]
        public Task<Found> C(string undescribed, CancellationToken cancellationToken) => Task.FromResult(new Found(undescribed));

        /// <summary>First.</summary>
        [Operation("twice_one", "GET /api/four")]
        public Task<Found> D(CancellationToken cancellationToken) => Task.FromResult(new Found(""));

        /// <summary>Second, of the same name and route.</summary>
        [Operation("twice_one", "GET /api/four")]
        public Task<Found> E(CancellationToken cancellationToken) => Task.FromResult(new Found(""));

        /// <summary>Its route has more than its parameters.</summary>
        [Operation("route", "GET /api/five/{missing}")]
        public Task<Found> F(CancellationToken cancellationToken) => Task.FromResult(new Found(""));

        /// <summary>Cannot be ended.</summary>
        [Operation("endless", "GET /api/six")]
        public Task<Found> G() => Task.FromResult(new Found(""));

        /// <summary>Returns a bare list.</summary>
        [Operation("bare", "GET /api/seven")]
        public Task<string[]> H(CancellationToken cancellationToken) => Task.FromResult(Array.Empty<string>());
    }
}
