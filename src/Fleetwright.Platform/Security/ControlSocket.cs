using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fleetwright.Platform.Security;

/// <summary>
/// The Unix socket on which a running server answers the command line: whoever may open it needs no key. The mark is put on
/// the connection by its listener, so nothing that a request says can imitate it.
/// </summary>
public static class ControlSocket
{
    // sun_path of Linux holds 108 bytes with the final NUL.
    internal const int MaxPathBytes = 107;
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Whether the request came over the control socket.</summary>
    public static bool IsControlSocket(this HttpContext context) => context.Features.Get<Mark>() is not null;

    internal static void Listen(KestrelServerOptions kestrel, string path) => kestrel.ListenUnixSocket(path, listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            if (!IsOwnUser(connection))
            {
                connection.Abort(new ConnectionAbortedException("another user's process"));
                return Task.CompletedTask;
            }

            connection.Features.Set(new Mark());
            return next(connection);
        });
    });

    /// <summary>
    /// Asks the kernel who is at the other end. The socket's mode says the same, but it is set a moment after the socket is there.
    /// </summary>
    private static bool IsOwnUser(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket)
        {
            return false;
        }

        // struct ucred { pid_t pid; uid_t uid; gid_t gid; }, see unix(7).
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var user = BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]);
        return user == 0 || user == EffectiveUser();
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
#pragma warning disable SYSLIB1054 // One call without arguments needs no generated marshalling, nor unsafe code.
    private static extern uint EffectiveUser();
#pragma warning restore SYSLIB1054

    internal sealed class Mark;
}
