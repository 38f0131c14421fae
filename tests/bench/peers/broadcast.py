"""The peer: the `websockets` package's own broadcast(), as its documentation shows it. For `make bench` alone.

Run as `python -m tests.bench.peers.broadcast PORT`. Whatever text one socket says goes to every socket.
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

connections: set[ServerConnection] = set()


async def handler(socket: ServerConnection) -> None:
    """Greet, then pass on what is said until it leaves."""
    connections.add(socket)
    try:
        await socket.send('{"type":"hello"}')
        async for text in socket:
            broadcast(connections, text)
    finally:
        connections.discard(socket)


async def main(port: int) -> None:
    """Listen until the end."""
    async with serve(handler, "127.0.0.1", port, backlog=4096) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
