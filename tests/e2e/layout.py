"""What a narrow or zoomed window must not do to a page: WCAG 1.4.4 and 1.4.10."""

from playwright.sync_api import Page

from tests.e2e.visit import Window

LOST = """() => {
  const found = [];
  const root = document.scrollingElement;
  const width = root.clientWidth;
  const say = (what, one) => {
    const text = (one.innerText || one.name || "").trim().slice(0, 60);
    found.push(`${what}: <${one.localName} class="${one.className}"> ${text}`);
  };
  const isSeen = (one) => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({visibilityProperty: true}) && box.width > 1 && box.height > 1;
  };
  // Wide tables may be scrolled for themselves: WCAG 1.4.10 says so.
  const canBeScrolled = (one) => {
    for (let box = one; box && box !== root && box !== document.body; box = box.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) {
        return true;
      }
    }
    return false;
  };
  const everything = [...document.body.querySelectorAll("*")].filter(isSeen);
  if (root.scrollWidth > width) {
    found.push(`scrolls sideways: ${root.scrollWidth} of ${width}`);
    for (const one of everything) {
      const box = one.getBoundingClientRect();
      if ((box.right > width + 1 || box.left < -1) && !canBeScrolled(one)) {
        say(`reaches ${Math.round(box.left)} to ${Math.round(box.right)}`, one);
      }
    }
  }
  const inputs = ["input", "select", "textarea", "option", "svg"];
  for (const one of everything) {
    const style = getComputedStyle(one);
    const cuts = [style.overflowX, style.overflowY].some((way) => ["hidden", "clip"].includes(way));
    // Words that name an icon are moved out of sight.
    const isIcon = parseFloat(style.textIndent) <= -99;
    const isFull = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    if (cuts && isFull && !isIcon && !inputs.includes(one.localName) && one.innerText?.trim()) {
      say("cuts off", one);
    }
  }
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  for (const one of everything.filter((one) => one.matches(controls))) {
    const box = one.getBoundingClientRect();
    if ((box.right <= 0 || box.left >= root.scrollWidth) && !canBeScrolled(one)) {
      say("cannot be reached", one);
    }
  }
  return found.slice(0, 8);
}"""


def lost(page: Page, window: Window) -> list[str]:
    """What of the page is lost in that window; the page keeps it."""
    page.set_viewport_size({"width": window.width, "height": window.height})
    return page.evaluate(LOST)
