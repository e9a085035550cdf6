using Microsoft.Net.Http.Headers;

namespace Fleetwright.Hosting;

/// <summary>
/// The dashboard and the API reference page: files of wwwroot that anyone may load. They hold no data; what they show
/// they ask of the REST door, with a key.
/// </summary>
internal static class WebPages
{
    public static void UseWebPages(this WebApplication app) => app.UseStaticFiles(Files);

    /// <summary>The pages' own addresses are known to the browser alone; whatever has no endpoint and no extension is one of them.</summary>
    public static void MapWebPages(this WebApplication app)
    {
        app.MapFallbackToFile("/docs/{*path:nonfile}", "docs/index.html", Files).AllowAnonymous();
        app.MapFallbackToFile("index.html", Files).AllowAnonymous();
    }

    private static StaticFileOptions Files => new()
    {
        OnPrepareResponse = static response =>
        {
            // Names in assets/ change with their content; everything else is asked for anew, so that an update shows at once.
            response.Context.Response.Headers[HeaderNames.CacheControl] =
                response.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        },
    };
}
