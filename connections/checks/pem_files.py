"""PEM texts as files, for a library that takes only names of files."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# In memory where there is such a place: a private key should not touch a disk.
IN_MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it


@contextmanager
def pem_files(texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """`{name: path}` of files that only we may read, gone afterwards; blank texts have none."""
    place = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mielto-", dir=place) as folder:
        yield {name: _written(Path(folder) / name, text) for name, text in texts.items() if text}


def _written(path: Path, text: str) -> str:
    path.touch(mode=0o600)
    path.write_text(text, encoding="ascii", errors="replace")
    return str(path)
