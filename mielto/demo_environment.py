"""The `.env` of a demo: the settings refuse to load without keys, so it is written before them.

Standard library only: nothing that reads the settings may be imported here.
"""

import os
import secrets
import sys
import tempfile
from base64 import b64encode
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"
MODE = "demo"
NOT_HERE = (
    "`manage.py demo` does not run in {mode} mode: it is for trying things out, in a checkout that "
    "has no settings yet."
)


def prepare(arguments: Sequence[str], environ: MutableMapping[str, str]) -> None:
    """Make sure that there are settings to load; end in one line where no demo may run."""
    if (mode := mode_of(environ)) != MODE:
        sys.exit(f"mielto: {NOT_HERE.format(mode=mode)}")
    if {"-h", "--help"} & set(arguments):
        # Whoever only asks what it does gets an answer and no file.
        for name, value in fresh_settings().items():
            environ.setdefault(name, value)
        return
    path = Path(environ.get("MIELTO_ENV_FILE") or ENV_FILE)
    if path.exists():
        return
    try:
        write_once(path, content(fresh_settings()))
    except OSError as error:
        sys.exit(f"mielto: {path} cannot be written: {error.strerror}.")


def mode_of(environ: MutableMapping[str, str]) -> str:
    """What the environment says, which outranks `.env`.

    An environment that brings a SECRET_KEY is an installation, and those are in production unless
    they say otherwise: a demo's `.env` would quietly turn it into a demo.
    """
    return environ.get("MIELTO_MODE", "production" if environ.get("SECRET_KEY") else MODE)


def fresh_settings() -> dict[str, str]:
    return {
        "MIELTO_MODE": MODE,
        "SECRET_KEY": secrets.token_hex(32),
        "MIELTO_KEYRING": f"v1:{b64encode(secrets.token_bytes(32)).decode()}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
    }


def content(values: dict[str, str]) -> str:
    lines = [f"{name}={value}" for name, value in values.items()]
    return "\n".join(
        [
            "# Made by `manage.py demo`, with keys of its own. For production see .env.example.",
            "# Whoever loses MIELTO_KEYRING loses every stored secret: back it up with the data.",
            *lines,
            "",
        ]
    )


def write_once(path: Path, text: str) -> None:
    """Create the file whole, for its owner only; one that is there, or just came, is left alone."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".env.new-") as draft:
        draft.write(text)
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)
