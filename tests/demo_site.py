"""A demo as `manage.py demo` serves it, with the rows of tests/showcase.py, for as long as it is
looked at. Nothing of it stays.

`python -m tests.demo_site <how many connections>` is what fills it, in the demo's own environment.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from tests.bench.server import free_port
from tests.commands.installation import Installation

SECONDS_TO_START = 60


@dataclass(frozen=True)
class Site:
    """`cookies` are names by what they carry; `sessions` values by who is signed in; `rows` is what
    addresses name."""

    url: str
    cookies: dict[str, str]
    sessions: dict[str, str]
    rows: dict[str, str]


@contextmanager
def demo_site(*, connections: int = 0) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="mielto-demo-") as folder:
        installation = Installation(Path(folder))
        told(installation.manage("demo", "--no-serve", LIVE_TESTS="false"))
        arguments = ("-m", "tests.demo_site", str(connections))
        facts = json.loads(told(installation.python(*arguments, LIVE_TESTS="false")))
        port = free_port()
        process = installation.serve_demo("--port", str(port))
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process)
            yield Site(url=url, **facts)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def told(run: subprocess.CompletedProcess[str]) -> str:
    if run.returncode:
        raise RuntimeError(run.stderr[-2000:] or run.stdout[-2000:])
    return run.stdout


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
            return
        time.sleep(0.05)
    raise RuntimeError("The demo did not start.")


def main(connections: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "mielto.settings"
    import django  # noqa: PLC0415 - after the environment

    django.setup()
    from tests.demo_rows import fill_demo  # noqa: PLC0415 - after the setup

    sys.stdout.write(json.dumps(fill_demo(connections)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
