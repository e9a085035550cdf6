using System.Text;
using Fleetwright.Features.Containers;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Features.Containers;

public sealed partial class ContainerParserCorpusTests
{
    [Theory]
    [InlineData("moby-docs__v1.12", 4)]
    [InlineData("moby-docs__v1.18", 4)]
    [InlineData("moby-docs__v1.22", 4)]
    [InlineData("moby-docs__v1.24", 4)]
    [InlineData("telegraf__list", 5)]
    [InlineData("telegraf__memory_stats_list", 1)]
    [InlineData("docker-java__api1.22_containers_json_filter1", 1)]
    public void Parse_ListOfTheCorpus_FindsEveryContainer(string file, int expected)
    {
        var path = Corpus.Files("docker/containers").Single(name => Path.GetFileName(name).StartsWith(file, StringComparison.Ordinal));

        var list = DockerContainersParser.Parse(File.ReadAllBytes(path));

        Assert.Equal(expected, list.Containers.Count);
        Assert.All(list.Containers, container => Assert.NotEqual(ContainerState.Unknown, container.State));
        Assert.All(list.Containers, container => Assert.NotEmpty(container.Name));
        Assert.Null(list.Notes);
    }

    [Fact]
    public void Parse_EveryInspectOfTheCorpus_GivesContainersOrNamesTheReason()
    {
        var images = 0;
        foreach (var path in Corpus.Files("docker/inspect"))
        {
            try
            {
                Assert.NotEmpty(DockerInspectParser.Parse(File.ReadAllBytes(path)).Containers);
            }
            catch (UnreadableOutputException exception)
            {
                Assert.Equal("It describes an image, not a container.", exception.Message);
                images++;
            }
        }

        Assert.Equal(1, images);
    }

    [Fact]
    public void Parse_HostileCutsOfTheCorpus_NeverThrowsAnythingElse()
    {
        var random = new Random(20_260_701);
        var paths = Corpus.Files("docker/containers").Concat(Corpus.Files("docker/inspect")).Concat(Corpus.Files("docker/stats"))
            .Concat(Corpus.Files("docker/cli-text", "*.txt")).Concat(Corpus.Files("docker/events", "*")).Concat(Corpus.Files("docker/other", "*"));
        foreach (var whole in paths.Select(File.ReadAllBytes))
        {
            Try(whole);
            for (var i = 0; i < 60; i++)
            {
                Try(whole.AsMemory(0, random.Next(whole.Length)));
                var broken = whole.ToArray();
                for (var flips = random.Next(1, 8); flips > 0; flips--)
                {
                    broken[random.Next(broken.Length)] = (byte)random.Next(256);
                }

                Try(broken);
                Try(Encoding.UTF8.GetBytes(SwapValues(Encoding.UTF8.GetString(whole), random)));
            }
        }
    }

    private static void Try(ReadOnlyMemory<byte> output)
    {
        foreach (var parser in (RawParser[])[DockerContainersParser.Raw, DockerInspectParser.Raw])
        {
            try
            {
                Assert.NotNull(parser.Parse(output));
            }
            catch (UnreadableOutputException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
                Assert.InRange(exception.Message.Length, 5, 300);
            }
        }
    }

    // Well-formed JSON with values of the wrong kind: the other half of what a device can print.
    private static string SwapValues(string json, Random random)
    {
        string[] values = ["null", "[]", "{}", "\"x\"", "-1", "1e400", "99999999999999999999", "true", "[null,3,{\"a\":[]}]", "\"\\ud800\""];
        return Value().Replace(json, match => random.Next(6) == 0 ? ": " + values[random.Next(values.Length)] : match.Value);
    }

    [System.Text.RegularExpressions.GeneratedRegex(""":\s*(?:"[^"\\]*"|-?\d+|true|false|null|\{\}|\[\])""", System.Text.RegularExpressions.RegexOptions.None, 10_000)]
    private static partial System.Text.RegularExpressions.Regex Value();
}
