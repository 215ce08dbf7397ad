"""Writes dark-auto.css: Bootstrap's dark rules for whoever chose nothing and whose system is dark.

Bootstrap hangs them on `data-bs-theme=dark`, which the server writes where somebody chose it. A
server cannot know the system's setting, and pages must work without scripts; a media query knows.
The left-to-right and the right-to-left stylesheet have the same dark rules. After an update of
Bootstrap: python -m tests.languages.dark_styles
"""

import re
from pathlib import Path

BOOTSTRAP = Path(__file__).resolve().parents[2] / "static" / "vendor" / "bootstrap"
RULE = re.compile(r"[^{}]*\[data-bs-theme=dark\][^{}]*\{[^{}]*\}")


def dark_rules(stylesheet: str) -> list[str]:
    return RULE.findall(stylesheet)


def dark_auto(stylesheet: str) -> str:
    rules = [
        rule.replace("[data-bs-theme=dark]", "[data-bs-theme=auto]").replace(".navbar-dark,", "")
        for rule in dark_rules(stylesheet)
    ]
    lines = "\n".join(rules)
    return (
        "/* Made from Bootstrap by tests/languages/dark_styles.py; its licence lies beside it. */\n"
        f"@media (prefers-color-scheme:dark){{\n{lines}\n}}\n"
    )


def stylesheet(suffix: str = "") -> str:
    (found,) = BOOTSTRAP.glob(f"bootstrap-[0-9.]*[0-9]{suffix}.min.css")
    return found.read_text(encoding="utf-8")


if __name__ == "__main__":
    (BOOTSTRAP / "dark-auto.css").write_text(dark_auto(stylesheet()), encoding="utf-8")
