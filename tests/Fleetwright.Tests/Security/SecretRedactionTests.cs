using Fleetwright.Platform.Security;

namespace Fleetwright.Tests.Security;

public sealed class SecretRedactionTests
{
    [Theory]
    [InlineData("app --password hunter2 -v", "app --password [redacted] -v")]
    [InlineData("app --api-key=hunter2", "app --api-key=[redacted]")]
    [InlineData("app --token-file /run/token", "app --token-file /run/token")]
    [InlineData("env DB_PASSWORD=hunter2 PGPASSWORD=hunter2 HOME=/root app", "env DB_PASSWORD=[redacted] PGPASSWORD=[redacted] HOME=/root app")]
    [InlineData("mysqldump -uroot -phunter2 db", "mysqldump -uroot -p[redacted] db")]
    [InlineData("/usr/bin/sshpass -p hunter2 ssh host -p 22", "/usr/bin/sshpass -p [redacted] ssh host -p 22")]
    [InlineData("ssh -p 22 host", "ssh -p 22 host")]
    [InlineData("redis-cli -a hunter2 info", "redis-cli -a [redacted] info")]
    [InlineData("restic -r rest:https://me:hunter2@host:8000/", "restic -r rest:https://me:[redacted]@host:8000/")]
    [InlineData("app --max-tokens=5 --user=joe", "app --max-tokens=5 --user=joe")]
    [InlineData("app --verbose --secret", "app --verbose --secret")]
    public void Arguments_KnownForms_HideTheSecretAlone(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', SecretRedaction.Arguments(line.Split(' '))));

    [Fact]
    public void Arguments_ShellScript_IsReadWordByWord() =>
        Assert.Equal("sh -c exec app --password [redacted]", string.Join(' ', SecretRedaction.Arguments(["sh", "-c", "exec app --password hunter2"])));

    [Fact]
    public void Text_AuthorizationHeader_IsHidden() =>
        Assert.Equal("curl -H Authorization: Bearer [redacted]", SecretRedaction.Text("curl -H Authorization: Bearer abcdefgh.ijkl"));

    [Fact]
    public void Value_ByName_IsHidden()
    {
        Assert.Equal("[redacted]", SecretRedaction.Value("MYSQL_ROOT_PASSWORD", "x"));
        Assert.Equal("/run/secrets/db", SecretRedaction.Value("DB_PASSWORD_FILE", "/run/secrets/db"));
        Assert.Equal("", SecretRedaction.Value("TOKEN", ""));
    }
}
