"""Writes static/dark-auto.css: the dark rules for whoever chose nothing and whose system is dark.

They hang on `data-bs-theme=dark`, which the server writes where somebody chose it. A server cannot
know the system's setting, and pages must work without scripts; a media query knows. Bootstrap's
left-to-right and right-to-left stylesheets have the same dark rules.
After an update of Bootstrap or a change of theme.css or site.css:
python -m tests.languages.dark_styles
"""

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
BOOTSTRAP = STATIC / "vendor" / "bootstrap"
OURS = (STATIC / "theme.css", STATIC / "connections" / "site.css")
MADE = STATIC / "dark-auto.css"
RULE = re.compile(r"[^{}]*\[data-bs-theme=dark\][^{}]*\{[^{}]*\}")


def dark_rules(stylesheet: str) -> list[str]:
    without_comments = re.sub(r"/\*.*?\*/", "", stylesheet, flags=re.DOTALL)
    return [rule.strip() for rule in RULE.findall(without_comments)]


def dark_auto(*stylesheets: str) -> str:
    rules = [
        rule.replace("[data-bs-theme=dark]", "[data-bs-theme=auto]").replace(".navbar-dark,", "")
        for stylesheet in stylesheets
        for rule in dark_rules(stylesheet)
    ]
    lines = "\n".join(rules)
    return (
        "/* Made by tests/languages/dark_styles.py from Bootstrap (MIT), theme.css, site.css. */\n"
        f"@media (prefers-color-scheme:dark){{\n{lines}\n}}\n"
    )


def bootstrap(suffix: str = "") -> str:
    (found,) = BOOTSTRAP.glob(f"bootstrap-[0-9.]*[0-9]{suffix}.min.css")
    return found.read_text(encoding="utf-8")


def made() -> str:
    return dark_auto(bootstrap(), *(path.read_text(encoding="utf-8") for path in OURS))


if __name__ == "__main__":
    MADE.write_text(made(), encoding="utf-8")
