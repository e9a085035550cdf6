using Fleetwright.Platform.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// <c>/mcp</c> over streamable HTTP: what holds for both eras, and which of them a request belongs to. Who may call at all
/// is decided before, by the host's authorization.
/// </summary>
internal sealed class McpHttpEndpoint(
    LegacyRequests legacy, ModernRequests modern, HostAndOriginPolicy hostAndOrigin, IOptions<McpOptions> options)
{
    public async Task PostAsync(HttpContext context)
    {
        if ((CheckAddress(context) ?? CheckAccept(context, jsonToo: true)) is { } atTheDoor)
        {
            await McpResponses.WriteRefusalAsync(context, atTheDoor);
            return;
        }

        var (message, unreadable) = await McpRequestReader.ReadAsync(context, options.Value.MaxRequestBytes);
        if (message is null)
        {
            await McpResponses.WriteRefusalAsync(context, unreadable!); // Exactly one of the two is there.
            return;
        }

        var revision = RevisionOf(context);
        message.Context = new JsonRpcMessageContext { User = context.User, ProtocolVersion = revision };
        if (context.Request.Query.TryGetValue(ToolListing.ChoiceParameter, out var toolsets))
        {
            message.Context.Items = new Dictionary<string, object?>(StringComparer.Ordinal) { [ToolListing.ChoiceKey] = toolsets.ToString() };
        }

        var refusal = ModernRequestChecks.CheckVersionHeader(revision);
        if (refusal is null)
        {
            refusal = McpRevisions.IsModern(revision)
                ? await modern.PostAsync(context, revision!, message) // IsModern(null) is false.
                : await legacy.PostAsync(context, revision, message);
        }

        if (refusal is not null)
        {
            await McpResponses.WriteRefusalAsync(context, refusal, (message as JsonRpcMessageWithId)?.Id);
        }
    }

    public async Task GetAsync(HttpContext context)
    {
        var refusal = CheckAddress(context) ?? CheckLegacyVerb(context) ?? CheckAccept(context, jsonToo: false) ?? await legacy.GetAsync(context);
        if (refusal is not null)
        {
            await McpResponses.WriteRefusalAsync(context, refusal);
        }
    }

    public async Task DeleteAsync(HttpContext context)
    {
        var refusal = CheckAddress(context) ?? CheckLegacyVerb(context) ?? await legacy.DeleteAsync(context);
        if (refusal is not null)
        {
            await McpResponses.WriteRefusalAsync(context, refusal);
        }
    }

    private McpRefusal? CheckAddress(HttpContext context) => hostAndOrigin.Allows(context)
        ? null
        : new McpRefusal(403, McpRefusal.NotAcceptable, "This Host or Origin may not call this server.");

    private static McpRefusal? CheckAccept(HttpContext context, bool jsonToo) => McpRequestReader.Accepts(context, jsonToo)
        ? null
        : new McpRefusal(406, McpRefusal.NotAcceptable, jsonToo ? "Accept must hold application/json and text/event-stream." : "Accept must hold text/event-stream.");

    private static McpRefusal? CheckLegacyVerb(HttpContext context)
    {
        if (!McpRevisions.IsModern(RevisionOf(context)))
        {
            return null;
        }

        context.Response.Headers.Allow = "POST";
        return new McpRefusal(405, McpRefusal.NotAcceptable, $"Revision {McpRevisions.Modern} has only POST.");
    }

    private static string? RevisionOf(HttpContext context)
    {
        var header = context.Request.Headers[McpHeaders.ProtocolVersion].ToString().Trim();
        return header.Length == 0 ? null : header;
    }
}
