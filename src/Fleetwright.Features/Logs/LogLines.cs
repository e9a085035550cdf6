using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fleetwright.Features.Logs;

/// <summary>Cuts a stream into lines in bounded memory: of a line longer than the cap the beginning is kept.</summary>
internal static class LogLines
{
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, int capBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var line = new ArrayBufferWriter<byte>(1024);
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                var start = 0;
                while (start < read)
                {
                    var end = Array.IndexOf(buffer, (byte)'\n', start, read - start);
                    var part = buffer.AsMemory(start, (end < 0 ? read : end) - start);
                    line.Write(part.Span[..Math.Min(part.Length, capBytes - line.WrittenCount)]);
                    if (end < 0)
                    {
                        break;
                    }

                    yield return Encoding.UTF8.GetString(line.WrittenSpan);
                    line.ResetWrittenCount();
                    start = end + 1;
                }
            }

            if (line.WrittenCount > 0)
            {
                yield return Encoding.UTF8.GetString(line.WrittenSpan);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
