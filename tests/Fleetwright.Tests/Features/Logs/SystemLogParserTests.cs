using System.Text;
using Fleetwright.Features.Logs;

namespace Fleetwright.Tests.Features.Logs;

public sealed class SystemLogParserTests
{
    [Fact]
    public void FromJournal_Entry_HasAllItsParts()
    {
        // journalctl -o json of systemd 252 (Debian 12), shortened.
        var line = SystemLogParser.FromJournal(
            """{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1763690537123456","PRIORITY":"4","SYSLOG_IDENTIFIER":"sshd","_SYSTEMD_UNIT":"ssh.service","_PID":"42","MESSAGE":"Invalid user admin from 192.0.2.1 port 1234"}""");

        Assert.Equal(new DateTimeOffset(2025, 11, 21, 2, 2, 17, TimeSpan.Zero).AddMicroseconds(123456), line.At);
        Assert.Equal((LogPriority.Warning, "sshd", "ssh.service", 42), (line.Priority, line.Identifier, line.Unit, line.Pid));
        Assert.Equal("Invalid user admin from 192.0.2.1 port 1234", line.Text);
    }

    [Theory]
    [InlineData("""{"MESSAGE":[27,91,51,49,109,114,101,100]}""", "red")]
    [InlineData("""{"MESSAGE":["one","two"]}""", "one\ntwo")]
    [InlineData("""{"MESSAGE":null}""", "")]
    [InlineData("""{"MESSAGE":"\u001b]0;title\u0007text"}""", "text")]
    [InlineData("""{"MESSAGE":"a\u202eb"}""", "ab")]
    [InlineData("""{"MESSAGE":"login with password=hunter2 failed"}""", "login with password=[redacted] failed")]
    [InlineData("-- No entries --", "-- No entries --")]
    [InlineData("[1,2]", "[1,2]")]
    public void FromJournal_OddMessages_AreShownAsText(string entry, string text) =>
        Assert.Equal(text, SystemLogParser.FromJournal(entry).Text);

    [Theory]
    // rsyslog 8 with traditional and with ISO times; busybox syslogd 1.35.
    [InlineData("Nov 21 02:02:17 nas sshd[42]: Accepted publickey", "Nov 21 02:02:17", null, "sshd", 42, null, "Accepted publickey")]
    [InlineData("2026-11-21T02:02:17.123456+01:00 nas CRON[7]: (root) CMD (true)", null, "2026-11-21T01:02:17.1234560+00:00", "CRON", 7, null, "(root) CMD (true)")]
    [InlineData("Nov  1 02:02:17 nas kern.warn kernel: [ 12.3] eth0: down", "Nov  1 02:02:17", null, "kernel", null, LogPriority.Warning, "[ 12.3] eth0: down")]
    [InlineData("no syslog at all", null, null, null, null, null, "no syslog at all")]
    [InlineData("", null, null, null, null, null, "")]
    public void FromSyslog_Lines_AreRead(string line, string? stamp, string? at, string? name, int? pid, LogPriority? priority, string text)
    {
        var read = SystemLogParser.FromSyslog(line);

        Assert.Equal((stamp, at, name, pid, priority, text), (read.Stamp, read.At?.ToString("O"), read.Identifier, read.Pid, read.Priority, read.Text));
    }

    [Fact]
    public void BothForms_AnyBytes_GiveALineOfBoundedLength()
    {
        var random = new Random(11);
        foreach (var seed in (string[])["""{"__REALTIME_TIMESTAMP":"1763690537123456","PRIORITY":"4","MESSAGE":[1,2,300]}""", "Nov 21 02:02:17 nas kern.warn sshd[42]: x"])
        {
            for (var i = 0; i < 5000; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(seed);
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                var text = Encoding.UTF8.GetString(bytes) + (i % 100 == 0 ? new string('x', 100_000) : "");
                Assert.InRange(SystemLogParser.FromJournal(text).Text.Length, 0, SystemLogParser.MaxTextLength + 40);
                Assert.InRange(SystemLogParser.FromSyslog(text).Text.Length, 0, SystemLogParser.MaxTextLength + 40);
            }
        }
    }

    [Fact]
    public async Task ReadAsync_LinesCutAnywhere_ComeWholeAndBounded()
    {
        var lines = new List<string>();
        await foreach (var line in LogLines.ReadAsync(new Trickle("one\n\ntwo is long\nlast"u8.ToArray()), 6, TestContext.Current.CancellationToken))
        {
            lines.Add(line);
        }

        Assert.Equal(["one", "", "two is", "last"], lines);
    }

    /// <summary>Gives one byte at a time.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..1], cancellationToken);
    }
}
