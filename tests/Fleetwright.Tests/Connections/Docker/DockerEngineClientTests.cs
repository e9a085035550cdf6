using Fleetwright.Platform.Connections.Docker;
using Microsoft.AspNetCore.Http;

namespace Fleetwright.Tests.Connections.Docker;

public sealed class DockerEngineClientTests
{
    [Theory]
    [InlineData("1.24", "", "1.24")]
    [InlineData("1.41", "", "1.41")]
    [InlineData("1.99", """{"ApiVersion":"1.99","MinAPIVersion":"1.44"}""", "1.51")]
    [InlineData("1.99", """{"ApiVersion":"1.99","MinAPIVersion":"1.70"}""", "1.70")]
    [InlineData(null, """{"ApiVersion":"1.26"}""", "1.26")]
    public async Task List_AnyEngine_AgreesOnAVersionBothSpeak(string? pinged, string told, string expected)
    {
        await using var engine = await EngineDouble.StartAsync(pinged);
        engine.Answer("/version", told);
        engine.Answer("/containers/json", "[]");
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);

        await client.ListContainersAsync(true, CancellationToken.None);

        Assert.Contains($"/v{expected}/containers/json", engine.Asked);
    }

    [Fact]
    public async Task List_EngineBefore124_SaysThatItIsTooOld()
    {
        await using var engine = await EngineDouble.StartAsync("1.19");
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);

        var failure = await Assert.ThrowsAsync<DockerEngineException>(() => client.ListContainersAsync(true, CancellationToken.None));

        Assert.Equal(DockerEngineFailure.TooOld, failure.Failure);
        Assert.Contains("1.19", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_EngineExchangedForANewerOne_AgreesAgain()
    {
        await using var engine = await EngineDouble.StartAsync("1.24");
        engine.Answer("/containers/json", "[]");
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);
        await client.ListContainersAsync(true, CancellationToken.None);
        engine.Answers["/_ping"] = context =>
        {
            context.Response.Headers["Api-Version"] = "1.50";
            return Task.CompletedTask;
        };
        engine.Answers["/containers/json"] = context =>
        {
            context.Response.StatusCode = context.Request.Path.StartsWithSegments("/v1.24", StringComparison.Ordinal) ? 400 : 200;
            return context.Response.WriteAsync(context.Response.StatusCode == 400
                ? """{"message":"client version 1.24 is too old. Minimum supported API version is 1.44"}"""
                : "[]");
        };

        await client.ListContainersAsync(true, CancellationToken.None);

        Assert.Equal(new Version(1, 50), client.ApiVersion);
    }

    [Theory]
    [InlineData(500, """{"message":"disk\u001b[31m full"}""", DockerEngineFailure.Refused, "disk full")]
    [InlineData(500, """{"message":"x","cause":"y"}""", DockerEngineFailure.Refused, "x")]
    [InlineData(404, "no such thing\n", DockerEngineFailure.NotFound, "no such thing")]
    [InlineData(503, "", DockerEngineFailure.Refused, "HTTP 503")]
    [InlineData(200, "[{]", DockerEngineFailure.Broken, "is not JSON")]
    [InlineData(200, "<html>", DockerEngineFailure.Broken, "is not JSON")]
    public async Task List_EngineFails_SaysHow(int status, string body, DockerEngineFailure failure, string expected)
    {
        await using var engine = await EngineDouble.StartAsync();
        engine.Answer("/containers/json", body, status);
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);

        var thrown = await Assert.ThrowsAsync<DockerEngineException>(() => client.ListContainersAsync(true, CancellationToken.None));

        Assert.Equal(failure, thrown.Failure);
        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_EndlessAnswer_IsGivenUpAtTheCap()
    {
        await using var engine = await EngineDouble.StartAsync();
        engine.Answers["/version"] = async context =>
        {
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        };
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);

        var failure = await Assert.ThrowsAsync<DockerEngineException>(() => client.ReadVersionAsync(CancellationToken.None));

        Assert.Equal(DockerEngineFailure.TooLarge, failure.Failure);
    }

    [Fact]
    public async Task List_ConnectionBrokenOff_IsNamed()
    {
        await using var engine = await EngineDouble.StartAsync();
        engine.Answers["/containers/json"] = async context =>
        {
            await context.Response.WriteAsync("[");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);

        var failure = await Assert.ThrowsAsync<DockerEngineException>(() => client.ListContainersAsync(true, CancellationToken.None));

        Assert.Equal(DockerEngineFailure.Broken, failure.Failure);
    }

    [Fact]
    public async Task FollowEvents_LinesCutAnywhere_AreReadAndNonsenseIsPassedOver()
    {
        await using var engine = await EngineDouble.StartAsync();
        engine.Answers["/events"] = async context =>
        {
            foreach (var part in (string[])["{\"Type\":\"contai", "ner\",\"Action\":\"start\"}\nnonsense\n\n{\"Acti", "on\":\"die\",\"Actor\":{\"ID\":\"a\"}}\n"])
            {
                await context.Response.WriteAsync(part);
                await context.Response.Body.FlushAsync();
            }
        };
        using var client = new DockerEngineClient(engine.Connection, engine.SocketPath);
        var actions = new List<string?>();

        await foreach (var told in client.FollowEventsAsync(null, null, null, CancellationToken.None))
        {
            actions.Add(told.Action);
        }

        Assert.Equal(["start", "die"], actions);
    }
}
