"""The usual way: a new asyncssh connection for every command. Prints the milliseconds of each round, one a line.

asyncssh_peer.py HOST PORT USER KEY ROUNDS SCRIPT_FILE
"""
import asyncio
import sys
import time

import asyncssh


async def main() -> None:
    host, port, user, key, rounds, script_file = sys.argv[1:7]
    with open(script_file, encoding="utf-8") as file:
        script = file.read()
    for _ in range(int(rounds)):
        start = time.perf_counter()
        async with asyncssh.connect(
            host, port=int(port), username=user, client_keys=[key], known_hosts=None, config=None, agent_path=None
        ) as connection:
            result = await connection.run(script, check=True)
        if not result.stdout:
            sys.exit("the script printed nothing")
        print(f"{(time.perf_counter() - start) * 1000:.3f}", flush=True)


asyncio.run(main())
