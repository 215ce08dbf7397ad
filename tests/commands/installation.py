"""An installation in a folder of its own: its commands run as an operator runs them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "MIELTO_",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "DATABASE_URL",
    "DJANGO_",
    "PYTEST",
    "XDG_",
)


class Installation:
    """What `.env` and the database of a checkout are, without the checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env_file = folder / ".env"
        self.database = folder / "mielto.sqlite3"

    def environ(self, **more: str) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return clean | {
            "MIELTO_ENV_FILE": str(self.env_file),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "HOME": str(self.folder),
            **more,
        }

    def manage(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.python(str(ROOT / "manage.py"), *arguments, **environ)

    def python(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environ(**environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def serve_demo(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "manage.py"), "demo", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environ(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def settings(self) -> dict[str, str]:
        lines = self.env_file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def change(self, **values: str) -> None:
        """Write other values into `.env`; an empty one leaves its line out."""
        changed = {**self.settings(), **values}
        kept = [f"{name}={value}\n" for name, value in changed.items() if value]
        self.env_file.write_text("".join(kept))

    def without_packages(self) -> list[str]:
        """`manage.py` on a Python that has nothing but itself (-I -S: no site-packages)."""
        code = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); "
        code += f"runpy.run_path({str(ROOT / 'manage.py')!r}, run_name='__main__')"
        return [sys.executable, "-I", "-S", "-c", code]
