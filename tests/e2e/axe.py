"""axe-core, as it comes with its package: every rule, best practices included."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

OPTIONS = {
    "resultTypes": ["violations"],
    # It would load what `@import` names once more, from the wrong folder, and apply it inline.
    "preload": False,
    # Off in axe-core unless asked for: WCAG 2.2, 2.5.8.
    "rules": {"target-size": {"enabled": True}},
}


RUN = "(options) => axe.run(options).then((found) => found.violations)"
# Colours that fade from one theme to the next are those of neither.
AT_REST = "() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))"


def violations(page: Page) -> list[str]:
    """One sentence a violation: its rule, its weight, and what it is about."""
    page.evaluate(AT_REST)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN, OPTIONS)
    return [_sentence(violation) for violation in found]


def _sentence(violation: dict[str, Any]) -> str:
    places = [f"{node['html'][:160]} [{_reason(node)}]" for node in violation["nodes"][:4]]
    more = len(violation["nodes"]) - len(places)
    return f"{violation['id']} ({violation['impact']}): " + " | ".join(
        [*places, *([f"and {more} more"] if more else [])]
    )


def _reason(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"][:160] for check in checks[:2])
