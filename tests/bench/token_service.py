"""An authorization server that answers every refresh after 20 ms, and counts. One process.

    python -m tests.bench.token_service

Prints its port, then, for each line that it reads, `{calls, seconds}` since the line before.
"""

import asyncio
import itertools
import json
import sys
import time

LATENCY = 0.02
_numbers = itertools.count(1)


class Service:
    def __init__(self) -> None:
        self.moments: list[float] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(length_of(head))
                await asyncio.sleep(LATENCY)
                self.moments.append(time.monotonic())
                writer.write(token_answer())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def told(self) -> dict[str, float]:
        moments, self.moments = self.moments, []
        seconds = moments[-1] - moments[0] if len(moments) > 1 else 0.0
        return {"calls": len(moments), "seconds": seconds}


def length_of(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def token_answer() -> bytes:
    body = json.dumps(
        {
            "access_token": f"access-{next(_numbers):040}",
            "refresh_token": f"refresh-{next(_numbers):040}",
            "token_type": "Bearer",
            "expires_in": 3600,
        }
    ).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def main() -> None:
    service = Service()
    server = await asyncio.start_server(service.answer, "127.0.0.1", 0, backlog=512)
    say(server.sockets[0].getsockname()[1])
    while await asyncio.to_thread(sys.stdin.readline):
        say(service.told())


def say(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
