"""What the door costs: a call through it, beside the same call by an ordinary HTTP client.

    python -m tests.bench.egress

Both make a new connection for each call to the same server on loopback, in turn, so that a machine
that slows down slows both. The ordinary client is one `httpx2.Client` without keep-alive: it checks
nothing. `overhead` is the difference of the medians; the aim is less than 1 ms per connection. A
name costs more than an address, because the door asks the resolver in a thread that it can leave.
"""

import logging
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import django
import httpx2
from django.conf import settings
from django.test.utils import override_settings

from connections.egress import Request, policy, send
from tests.bench.plan import say

CALLS = 500
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n" + b'{"ok": true}\n'
AIM_MS = 1.0


def measure(calls: int = CALLS) -> dict[str, float]:
    """Milliseconds by what they measure: `<place>_<client>_<p50|p95>`, `<place>_overhead`."""
    opened = override_settings(
        EGRESS_ALLOW_CIDRS=["127.0.0.0/8", "::1"],
        EGRESS_ALLOW_HTTP_HOSTS=["127.0.0.1", "localhost"],
    )
    found: dict[str, float] = {}
    with opened, socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        for place, host in (("address", "127.0.0.1"), ("name", "localhost")):
            url = f"http://{host}:{server.getsockname()[1]}/"
            found |= {f"{place}_{key}": value for key, value in compare(url, calls).items()}
        server.shutdown(socket.SHUT_RDWR)
    found["check_of_one_address"] = cost_of_a_check()
    return found


def compare(url: str, calls: int) -> dict[str, float]:
    # It would write every URL into the log.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    limits = httpx2.Limits(max_keepalive_connections=0)
    with httpx2.Client(trust_env=False, limits=limits) as client:
        ways = {
            "plain": lambda: client.get(url).raise_for_status(),
            "door": lambda: send(Request(url=url), caller="bench"),
        }
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(calls + 20):
            for name, way in ways.items():
                milliseconds = timed(way)
                if number >= 20:
                    spent[name].append(milliseconds)
    found = {}
    for name, all_of_them in spent.items():
        found[f"{name}_p50"] = statistics.median(all_of_them)
        found[f"{name}_p95"] = statistics.quantiles(all_of_them, n=20)[-1]
    return found | {"overhead": found["door_p50"] - found["plain_p50"]}


def timed(way: Callable[[], object]) -> float:
    started = time.perf_counter()
    way()
    return (time.perf_counter() - started) * 1000


def cost_of_a_check(times: int = 2000) -> float:
    started = time.perf_counter()
    for _ in range(times):
        policy.check_address("93.184.215.14")
    return (time.perf_counter() - started) * 1000 / times


def serve(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            taken, _ = server.accept()
            with taken:
                taken.recv(65536)
                taken.sendall(ANSWER)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mielto.settings")
    if not settings.configured:
        django.setup()
    found = measure()
    for name, milliseconds in found.items():
        say(f"{name:24} {milliseconds:8.3f} ms")
    worst = max(value for name, value in found.items() if name.endswith("overhead"))
    say(f"aim: under {AIM_MS} ms of overhead: {'met' if worst < AIM_MS else 'missed'}")


if __name__ == "__main__":
    main()
