"""What a page costs whoever opens it: bytes, requests, and the wait for the first byte.

    python -m tests.bench.pages [--connections 3000] [--requests 200]

On a demo as `manage.py demo` serves it (gunicorn, SQLite, the whole catalogue), where the end user
has that many connections. Bytes are what Chromium receives when it opens the page for the first
time: the page, its styles, scripts and pictures, as they come over the line. The first byte is
timed from one caller who is signed in, one request after the other, on a connection that is kept.

It is no test: a missed aim is printed and changes nothing. CHROMIUM names the browser where it is
not found by itself.
"""

import argparse
import http.client
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.demo_site import Site, demo_site
from tests.e2e.browsers import ARGUMENTS, found_chromium

MOST_BYTES, MOST_P95_MS = 100_000, 50
WARM = 20


@dataclass(frozen=True)
class Opened:
    """A page of the demo, as `path` with the names of its rows; `who` is signed in, or nobody."""

    name: str
    path: str
    who: str = "user"


PAGES = (
    Opened("gallery", "/w/{slug}/integrations"),
    Opened("form", "/w/{slug}/integrations/zendesk/api_token"),
    Opened("form of many fields", "/w/{slug}/integrations/postgres/password"),
    Opened("list", "/w/{slug}/connections"),
    Opened("detail", "/w/{slug}/connections/{active}"),
    Opened("sign-in", "/sign-in", ""),
    Opened("admin index", "/admin/", "admin"),
    Opened("admin list", "/admin/connections/connection/", "admin"),
    Opened("admin form", "/admin/connections/connection/add/", "admin"),
    Opened("editor", "/admin/integrations/integration/{zendesk}/change/", "admin"),
    Opened("editor of a method", "/admin/integrations/authmethod/{method}/change/", "admin"),
    Opened("API reference", "/api/docs", ""),
    Opened("connect link", "{link}/i/zendesk/api_token", ""),
)


@dataclass
class Figures:
    page: Opened
    sizes: dict[str, int]
    first_bytes_ms: list[float]

    @property
    def total(self) -> int:
        return sum(self.sizes.values())

    def percentile(self, percent: int) -> float:
        return quantiles(self.first_bytes_ms, n=100, method="inclusive")[percent - 1]


def sizes_of(browser: Browser, site: Site, page: Opened) -> dict[str, int]:
    """Bytes by address, as they came over the line, headers included; nothing is cached yet."""
    context = browser.new_context()
    if page.who:
        cookie = {
            "name": site.cookies["session"],
            "value": site.sessions[page.who],
            "url": site.url,
        }
        context.add_cookies([cookie])
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def on_request(event: dict) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def on_end(event: dict) -> None:
        address = addresses.get(event["requestId"], "")
        if address.startswith("http"):
            sizes[address] = int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", on_request)
    session.on("Network.loadingFinished", on_end)
    session.send("Network.enable")
    answer = tab.goto(site.url + page.path.format(**site.rows), wait_until="networkidle")
    assert answer is not None
    if answer.status != 200 or urlsplit(tab.url).path != page.path.format(**site.rows):
        raise RuntimeError(f"{page.name}: {answer.status} at {tab.url}")
    context.close()
    return sizes


def first_bytes_ms(site: Site, page: Opened, count: int) -> list[float]:
    host = urlsplit(site.url)
    link = http.client.HTTPConnection(host.hostname, host.port, timeout=30)
    headers = {"Accept-Encoding": "gzip"}
    if page.who:
        headers["Cookie"] = f"{site.cookies['session']}={site.sessions[page.who]}"
    taken = []
    for _request in range(WARM + count):
        started = time.perf_counter()
        link.request("GET", page.path.format(**site.rows), headers=headers)
        answer = link.getresponse()
        taken.append(1000 * (time.perf_counter() - started))
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{page.name}: {answer.status}")
    link.close()
    return taken[WARM:]


def lines(measured: list[Figures]) -> Iterator[str]:
    busy = os.getloadavg()[0]
    yield f"{os.cpu_count()} cores, load {busy:.1f}: above half of the cores, times are no figures"
    yield ""
    head = ("page", "KB", "requests", "p50 ms", "p95 ms")
    yield f"{head[0]:<22}{head[1]:>8}{head[2]:>10}{head[3]:>10}{head[4]:>10}"
    for one in measured:
        yield (
            f"{one.page.name:<22}{one.total / 1000:>8.1f}{len(one.sizes):>10}"
            f"{one.percentile(50):>10.1f}{one.percentile(95):>10.1f}"
        )
    yield ""
    for one in measured:
        yield verdict(f"{one.page.name}: under 100 KB", one.total / 1000, MOST_BYTES / 1000, "KB")
        text = f"{one.page.name}: first byte, p95, under 50 ms"
        yield verdict(text, one.percentile(95), MOST_P95_MS, "ms")
        if one.total >= MOST_BYTES:
            yield from largest(one)


def verdict(text: str, value: float, most: float, unit: str) -> str:
    return f"{text:<58} {'pass' if value < most else 'MISS'} ({value:.1f} {unit})"


def largest(one: Figures) -> Iterator[str]:
    for address, size in sorted(one.sizes.items(), key=lambda pair: -pair[1])[:5]:
        yield f"    {size / 1000:>7.1f} KB  {urlsplit(address).path}"


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.bench.pages")
    parser.add_argument("--connections", type=int, default=3000)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    count = options.requests
    program = os.environ.get("CHROMIUM") or found_chromium()
    if program is None or not shutil.which(program):
        sys.exit("bench: no Chromium: install it, or set CHROMIUM")
    with demo_site(connections=options.connections) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        measured = [
            Figures(page, sizes_of(browser, site, page), first_bytes_ms(site, page, count))
            for page in PAGES
        ]
        browser.close()
    sys.stdout.write("\n".join(lines(measured)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
