"""Where the keyboard is on a page, and whether that can be seen."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

MOST_STOPS = 60
# How everything looks that can have the focus, before anything has it.
REMEMBER = """() => {
  window.atRest = new WeakMap();
  for (const one of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(one);
    window.atRest.set(one, [outlineStyle, outlineWidth, boxShadow].join());
  }
}"""
STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) {
    return null;
  }
  const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const isOutlined = outlineStyle !== "none" && outlineWidth !== "0px";
  const looks = [outlineStyle, outlineWidth, boxShadow].join();
  return {
    name: one.name || one.innerText.trim() || one.ariaLabel || "",
    tag: one.localName,
    order: one.tabIndex,
    top: box.top + window.scrollY,
    is_in_view: box.width > 1 && box.bottom > 0 && box.top < window.innerHeight,
    is_shown: (isOutlined || boxShadow !== "none") && looks !== window.atRest?.get(one),
    is_in_main: one.closest("main") !== null,
  };
}"""


@dataclass(frozen=True)
class Stop:
    """What has the focus; `is_shown` is whether it looks different for it."""

    name: str
    tag: str
    order: int
    top: float
    is_in_view: bool
    is_shown: bool
    is_in_main: bool


def stop(page: Page) -> Stop | None:
    found: dict[str, Any] | None = page.evaluate(STOP)
    return None if found is None else Stop(**found)


def tab_to(page: Page, name: str, *, backwards: bool = False) -> list[Stop]:
    """Press Tab until what has that name, or that text, has the focus; the stops on the way.

    Each can be seen, and is where reading has come to: no order of its own, nothing above the last.
    """
    page.evaluate(REMEMBER)
    stops: list[Stop] = []
    while not stops or stops[-1].name != name:
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        found = stop(page)
        assert found is not None, f"the focus left the page on the way to {name!r}: {stops}"
        assert found.is_shown, f"{found} does not show that it has the focus"
        assert found.is_in_view, f"{found} has the focus out of sight"
        assert found.order <= 0, f"{found} has an order of its own"
        stops.append(found)
        assert len(stops) < MOST_STOPS, f"no way to {name!r}: {stops}"
    in_main = [one.top for one in stops if one.is_in_main]
    assert in_main == sorted(in_main, reverse=backwards), f"the focus jumps: {stops}"
    return stops
