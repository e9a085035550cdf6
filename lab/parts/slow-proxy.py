"""A TCP proxy on loopback that adds a delay to everything the server says.

   slow-proxy.py PORT SERVER-PORT DELAY-FILE      the file holds milliseconds and is read for every piece

Pieces keep their order and travel side by side, as on a long line: the delay adds to every round trip but
does not limit the throughput.
"""
import asyncio
import sys

LISTEN, SERVER, DELAY_FILE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def delay_seconds():
    try:
        with open(DELAY_FILE, encoding="ascii") as file:
            return max(0.0, float(file.read()) / 1000)
    except (OSError, ValueError):
        return 2.0


async def up(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def down(reader, writer):
    clock = asyncio.get_running_loop().time
    pieces = asyncio.Queue(maxsize=1024)

    async def receive():
        try:
            while piece := await reader.read(65536):
                await pieces.put((clock() + delay_seconds(), piece))
        except OSError:
            pass
        await pieces.put((clock(), b""))

    receiver = asyncio.create_task(receive())
    try:
        while True:
            due, piece = await pieces.get()
            if not piece:
                break
            await asyncio.sleep(max(0.0, due - clock()))
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        receiver.cancel()
        writer.close()


async def serve(reader, writer):
    try:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", SERVER)
    except OSError:
        writer.close()
        return
    await asyncio.gather(up(reader, server_writer), down(server_reader, writer))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", LISTEN)
    async with server:
        await server.serve_forever()


asyncio.run(main())
