using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>Tools that end a call with questions and finish it when the client calls again with the answers (modern era).</summary>
[McpServerToolType]
internal sealed class InputRequiredTools
{
    // The client holds the state between rounds, so it is signed; the key lives as long as this process.
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    [McpServerTool(Name = "test_input_required_result_elicitation"), Description("Asks for a name.")]
    public static string Elicitation(RequestContext<CallToolRequestParams> context) =>
        ConformanceInputs.Field(context.Params.InputResponses, "user_name", "name") is { } name
            ? $"Hello, {name}!"
            : throw Need(("user_name", InputRequest.ForElicitation(ConformanceInputs.Ask("What is your name?", "name"))));

    [McpServerTool(Name = "test_input_required_result_sampling"), Description("Asks the client's model.")]
    public static string Sampling(RequestContext<CallToolRequestParams> context) =>
        ConformanceInputs.Answer(context.Params.InputResponses, "capital_question", InputResponse.CreateMessageResultJsonTypeInfo) is { } answer
            ? ConformanceInputs.TextOf(answer)
            : throw Need(("capital_question", InputRequest.ForSampling(ConformanceInputs.Question("What is the capital of France?", 100))));

    [McpServerTool(Name = "test_input_required_result_list_roots"), Description("Asks for the client's roots.")]
    public static string ListRoots(RequestContext<CallToolRequestParams> context) =>
        ConformanceInputs.Answer(context.Params.InputResponses, "client_roots", InputResponse.ListRootsResultJsonTypeInfo) is { } roots
            ? "Roots: " + string.Join(", ", roots.Roots.Select(root => root.Uri))
            : throw Need(("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams())));

    [McpServerTool(Name = "test_input_required_result_request_state"), Description("Asks for a yes and checks its own state.")]
    public static string RequestState(RequestContext<CallToolRequestParams> context) => Confirm(context);

    [McpServerTool(Name = "test_input_required_result_tampered_state"), Description("Refuses a state that it did not sign.")]
    public static string TamperedState(RequestContext<CallToolRequestParams> context) => Confirm(context);

    [McpServerTool(Name = "test_input_required_result_multiple_inputs"), Description("Asks three things at once.")]
    public static string MultipleInputs(RequestContext<CallToolRequestParams> context)
    {
        var answers = context.Params.InputResponses;
        var name = ConformanceInputs.Field(answers, "user_name", "name");
        var greeting = ConformanceInputs.Answer(answers, "greeting", InputResponse.CreateMessageResultJsonTypeInfo);
        var roots = ConformanceInputs.Answer(answers, "client_roots", InputResponse.ListRootsResultJsonTypeInfo);
        if (name is null || greeting is null || roots is null)
        {
            throw Need(
                Sign("asked"),
                ("user_name", InputRequest.ForElicitation(ConformanceInputs.Ask("What is your name?", "name"))),
                ("greeting", InputRequest.ForSampling(ConformanceInputs.Question("Generate a greeting", 50))),
                ("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams())));
        }

        Verify(context.Params.RequestState);
        return $"{ConformanceInputs.TextOf(greeting)} {name}, {roots.Roots.Count} root(s).";
    }

    [McpServerTool(Name = "test_input_required_result_multi_round"), Description("Asks twice, one after the other.")]
    public static string MultiRound(RequestContext<CallToolRequestParams> context)
    {
        var answers = context.Params.InputResponses;
        var state = context.Params.RequestState is { } signed ? Verify(signed) : "";
        if (state.StartsWith("named:", StringComparison.Ordinal) && ConformanceInputs.Field(answers, "step2", "color") is { } color)
        {
            return $"{state["named:".Length..]} likes {color}.";
        }

        if (ConformanceInputs.Field(answers, "step1", "name") is { } name)
        {
            throw Need(
                Sign("named:" + name),
                ("step2", InputRequest.ForElicitation(ConformanceInputs.Ask("Step 2: What is your favorite color?", "color"))));
        }

        throw Need(Sign("started"), ("step1", InputRequest.ForElicitation(ConformanceInputs.Ask("Step 1: What is your name?", "name"))));
    }

    [McpServerTool(Name = "test_input_required_result_capabilities"), Description("Asks only what the client can answer.")]
    public static string Capabilities(RequestContext<CallToolRequestParams> context)
    {
        if (context.Params.InputResponses is { Count: > 0 })
        {
            return "Answered.";
        }

        var requests = new List<(string, InputRequest)>();
        if (context.Server.ClientCapabilities?.Elicitation is not null)
        {
            requests.Add(("user_name", InputRequest.ForElicitation(ConformanceInputs.Ask("What is your name?", "name"))));
        }

        if (context.Server.ClientCapabilities?.Sampling is not null)
        {
            requests.Add(("greeting", InputRequest.ForSampling(ConformanceInputs.Question("Generate a greeting", 50))));
        }

        return requests.Count == 0 ? "The client can answer nothing." : throw Need([.. requests]);
    }

    [McpServerTool(Name = "test_streaming_elicitation"), Description("Asks for a yes; its stream holds no request of its own.")]
    public static string Streaming(RequestContext<CallToolRequestParams> context) => Confirm(context);

    private static string Confirm(RequestContext<CallToolRequestParams> context)
    {
        if (context.Params.RequestState is { } state)
        {
            Verify(state);
            if (ConformanceInputs.Field(context.Params.InputResponses, "confirm", "ok") is not null)
            {
                return "state-ok";
            }
        }

        throw Need(Sign("confirm"), ("confirm", InputRequest.ForElicitation(ConformanceInputs.Form("Please confirm", ("ok", new BooleanSchema())))));
    }

    private static InputRequiredException Need(params (string Key, InputRequest Request)[] requests) => Need(null, requests);

    private static InputRequiredException Need(string? state, params (string Key, InputRequest Request)[] requests) =>
        new(requests.ToDictionary(request => request.Key, request => request.Request), state);

    private static string Sign(string state)
    {
        var bytes = Encoding.UTF8.GetBytes(state);
        return Convert.ToHexString(HMACSHA256.HashData(Key, bytes)) + "." + Convert.ToBase64String(bytes);
    }

    private static string Verify(string? signed)
    {
        var parts = signed?.Split('.');
        var text = new byte[signed?.Length ?? 0];
        if (parts is not [{ Length: 64 } mac, { } encoded]
            || !Convert.TryFromBase64String(encoded, text, out var length)
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(Convert.ToHexString(HMACSHA256.HashData(Key, text.AsSpan(0, length)))), Encoding.ASCII.GetBytes(mac)))
        {
            throw new McpProtocolException("requestState was changed on its way.", McpErrorCode.InvalidParams);
        }

        return Encoding.UTF8.GetString(text, 0, length);
    }
}
