using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Devices;

public sealed class DeviceValidationTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nas", "nas")]
    [InlineData("My NAS (attic)", "my-nas-attic")]
    [InlineData("--x__y..z--", "x-y-z")]
    [InlineData("ÄÖ Server", "server")]
    public void Slug_OfAName_IsLowerCaseLettersDigitsAndDashes(string name, string slug) => Assert.Equal(slug, DeviceNames.Slug(name));

    [Theory]
    [InlineData("nas\u202Egpj")]
    [InlineData("nas\u200B")]
    [InlineData("na\u2028s")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..")]
    public void Name_ThatMisleadsOrHasNoRoute_IsRefused(string name) =>
        Assert.Equal(OperationError.Invalid, Assert.Throws<OperationException>(() => DeviceValidation.Name(name)).Error);

    [Theory]
    [InlineData("Büro 漢字 🦊")]
    [InlineData("\U0001F468\u200D\U0001F4BB")]
    [InlineData("100% <b>")]
    public void Name_ThatCanBeShown_IsKept(string name) => Assert.Equal(name, DeviceValidation.Name(name));

    [Fact]
    public void Slug_OfANameWithoutAny_IsStable()
    {
        Assert.Matches("^device-[0-9a-f]{8}$", DeviceNames.Slug("日本"));
        Assert.Equal(DeviceNames.Slug("日本"), DeviceNames.Slug("日本"));
        Assert.NotEqual(DeviceNames.Slug("日本"), DeviceNames.Slug("中国"));
        Assert.Equal(63, DeviceNames.Slug(new string('a', 200)).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\nb")]
    [InlineData("a\u001b[31m")]
    [InlineData("a\uFFFD")]
    public void Name_ThatCannotBeShown_IsRefused(string name) => Refused("name", () => DeviceValidation.Name(name));

    [Fact]
    public void Name_TooLong_IsRefused() => Refused("name", () => DeviceValidation.Name(new string('a', 64)));

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("$(reboot)")]
    public void Tags_ThatAreNone_AreRefused(string tag) => Refused("tags", () => DeviceValidation.Tags([tag]));

    [Fact]
    public void Tags_TooMany_AreRefused() => Refused("tags", () => DeviceValidation.Tags([.. Enumerable.Range(0, 21).Select(i => $"t{i}")]));

    [Theory]
    [InlineData("-oProxyCommand=reboot", null)]
    [InlineData("host name", null)]
    [InlineData("host", "user name")]
    [InlineData("host", "-l")]
    [InlineData("", null)]
    public void Address_ThatSshWouldReadOtherwise_IsRefused(string host, string? user) =>
        Refused("address", () => DeviceValidation.Address(new DeviceAddress { Host = host, User = user }));

    [Theory]
    [InlineData("fe80::1%eth0", 2222)]
    [InlineData("nas.tail1234.ts.net", null)]
    public void Address_ThatIsOne_StaysAsItIs(string host, int? port)
    {
        var address = new DeviceAddress { Host = host, Port = port, User = "root" };

        Assert.Equal(address, DeviceValidation.Address(address));
    }

    [Fact]
    public void Address_LocalWithAUser_IsRefused() => Refused("address", () => DeviceValidation.Address(new DeviceAddress { User = "root" }));

    [Fact]
    public void KeyFile_PrivateKeyOfTheOwnerAlone_IsTaken()
    {
        var file = Write("key", "-----BEGIN OPENSSH PRIVATE KEY-----\n", OwnerOnly);

        Assert.Equal(file, WithKey(file).KeyFile);
    }

    [Fact]
    public void KeyFile_OpenToOthers_IsRefusedWithTheCommandThatShutsIt()
    {
        var file = Write("key", "-----BEGIN OPENSSH PRIVATE KEY-----\n", OwnerOnly | UnixFileMode.OtherRead);

        Assert.Contains($"chmod 600 '{file}'", Refused("keyFile", () => WithKey(file)).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_PublicHalf_IsRefusedSayingSo()
    {
        var file = Write("key.pub", "ssh-ed25519 AAAA me\n", OwnerOnly);

        Assert.Contains("public half", Refused("keyFile", () => WithKey(file)).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_Missing_IsRefusedWithTheCommandThatMakesOne() =>
        Assert.Contains("ssh-keygen", Refused("keyFile", () => WithKey(Path.Combine(_folder, "none"))).NextStep, StringComparison.Ordinal);

    [Theory]
    [InlineData("key")]
    [InlineData("/tmp/a\nb")]
    public void KeyFile_NotAnAbsolutePath_IsRefused(string path) => Refused("keyFile", () => WithKey(path));

    [Fact]
    public void KeyFile_AFolder_IsRefused() => Refused("keyFile", () => WithKey(_folder));

    private static DeviceAddress WithKey(string file) => DeviceValidation.Address(new DeviceAddress { Host = "nas", KeyFile = file });

    private string Write(string name, string text, UnixFileMode mode)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    private static OperationException Refused(string argument, Action act)
    {
        var refusal = Assert.Throws<OperationException>(act);
        Assert.Equal(OperationError.Invalid, refusal.Error);
        Assert.StartsWith(argument + ":", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.NextStep);
        return refusal;
    }
}
