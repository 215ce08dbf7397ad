"""What is looked for on a page, whichever it is."""

from typing import Any

from playwright.sync_api import Page

from tests.e2e.axe import violations
from tests.e2e.house import House
from tests.e2e.layout import lost
from tests.e2e.pages import Row
from tests.e2e.visit import DESK, DOUBLE, FOURFOLD, PHONE, Walk

RIGHT_TO_LEFT = "ar"
# An input that is wrong says why to whoever only hears the page; no description is empty.
UNANNOUNCED = """() => {
  const textOf = (id) => document.getElementById(id)?.textContent.trim();
  const described = (one) => (one.getAttribute("aria-describedby") || "").match(/\\S+/g) || [];
  const found = [];
  for (const one of document.querySelectorAll("input, select, textarea, fieldset")) {
    const isWrong = one.getAttribute("aria-invalid") === "true";
    if ((isWrong && !described(one).length) || described(one).some((id) => !textOf(id))) {
      found.push(`not announced: ${one.localName} ${one.name || one.id}: ${described(one)}`);
    }
  }
  return found;
}"""


def opened(walk: Walk, house: House, row: Row, **options: Any) -> Page:
    """The page of the row, in its state."""
    page = walk.open(row.person(house), **options)
    walk.watch.expected_status = row.status
    answer = page.goto(row.address(house), wait_until="load")
    assert answer.status == row.status
    row.act(page)
    return page


def problems_of(walk: Walk, house: House, row: Row) -> str:
    """Accessibility in light and in dark, at a desk and on a phone; what zooming loses; what the
    page's policy refused, and what it asked of others. A line each."""
    page = opened(walk, house, row)
    problems = [*page.evaluate(UNANNOUNCED), *prefixed("light", violations(page))]
    page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
    page.emulate_media(color_scheme="dark")
    problems += prefixed("dark", violations(page))
    for window in (DESK, DOUBLE, FOURFOLD):
        problems += prefixed(str(window), lost(page, window))
    return "\n".join([*problems, *walk.watch.complaints()])


def problems_right_to_left(walk: Walk, house: House, row: Row) -> str:
    page = opened(walk, house, Row(**{**vars(row), "do": None}), language=RIGHT_TO_LEFT)
    problems = []
    if page.evaluate("getComputedStyle(document.body).direction") != "rtl":
        problems.append("is not right to left")
    problems += violations(page)
    for window in (DESK, FOURFOLD):
        problems += prefixed(str(window), lost(page, window))
    return "\n".join([*problems, *walk.watch.complaints()])


def prefixed(where: str, problems: list[str]) -> list[str]:
    return [f"{where}: {problem}" for problem in problems]
