"""What guards the pages can fail: a page that breaks each promise is caught.

The pages are the product's own, with its own policy, and one thing put into them on the way.
"""

import pytest

from tests.e2e.axe import violations
from tests.e2e.focus import tab_to
from tests.e2e.layout import lost
from tests.e2e.visit import FOURFOLD
from tests.test_databases import on_sqlite

pytestmark = on_sqlite

ADDRESS = "/sign-in"
SECONDS_FOR_REPORTS = 5


def opened(visits, markup: str, **options):
    """The sign-in page with that markup at its end."""
    page = visits.open(**options)

    def changed(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{markup}</main>"))

    page.route("**" + ADDRESS, changed)
    page.goto(ADDRESS)
    return page


# What is refused, and whether it takes scripts to try it at all.
REFUSED = {
    "inline-script": ("<script>document.title = 'x'</script>", True),
    "handler": ("<img src='data:,' alt='' onerror='document.title = 1'>", True),
    "script-from-elsewhere": ("<script src='http://127.0.0.1:9/x.js'></script>", True),
    "inline-style": ("<p style='color: red'>x</p>", False),
    "frame-from-elsewhere": ("<iframe title='x' src='http://127.0.0.1:9/'></iframe>", False),
}


@pytest.mark.parametrize(
    ("markup", "has_scripts"),
    [
        pytest.param(markup, has_scripts, id=f"{name}-{'scripts' if has_scripts else 'plain'}")
        for name, (markup, needs_scripts) in REFUSED.items()
        for has_scripts in ([True] if needs_scripts else [True, False])
    ],
)
def test_what_the_policy_refuses_is_heard_of(visits, house, markup, has_scripts):
    page = opened(visits, markup, has_scripts=has_scripts)
    reports = visits.server.collector.reports
    for _attempt in range(10 * SECONDS_FOR_REPORTS):
        if reports:
            break
        page.wait_for_timeout(100)
    complaints = visits.watch.complaints()
    assert [one for one in complaints if one.startswith("report: ")]
    assert [one for one in complaints if one.startswith("console: ")]
    assert has_scripts == bool([one for one in complaints if one.startswith("policy: ")])


def test_request_that_leaves_the_origin_is_heard_of(visits, house):
    page = visits.open()
    page.goto(ADDRESS)
    page.evaluate("() => { new Image().src = 'http://127.0.0.1:9/pixel.png'; }")
    page.evaluate("() => fetch('/not-there')")
    complaints = visits.watch.complaints()
    assert [one for one in complaints if "img-src" in one]
    assert [one for one in complaints if one.startswith("status: 404")]


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        pytest.param("<input name=x>", "label", id="input-without-a-label"),
        pytest.param("<h4>Down</h4>", "heading-order", id="best-practice"),
        pytest.param(
            "<p class='text-white bg-warning'>Faint words</p>", "color-contrast", id="contrast"
        ),
    ],
)
def test_what_is_not_accessible_is_found(visits, house, markup, rule):
    found = violations(opened(visits, markup))
    assert [one.partition(" ")[0] for one in found] == [rule]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        pytest.param(f"<p>{'x' * 200}</p>", "scrolls sideways", id="too-wide"),
        pytest.param(f"<p class='text-truncate'>{'word ' * 90}</p>", "cuts off", id="cut-off"),
        pytest.param(
            "<button class='position-absolute start-0 translate-middle-x ms-n5'>x</button>",
            "",
            id="half-outside-is-still-reached",
        ),
    ],
)
def test_what_a_narrow_window_loses_is_found(visits, house, markup, found):
    problems = lost(opened(visits, markup), FOURFOLD)
    assert bool(problems) == bool(found)
    assert not found or problems[0].startswith(found)


def test_focus_that_is_not_shown_is_found(visits, house):
    page = opened(visits, "<button class='btn shadow-none' id='x'>Unseen</button>")
    page.locator("#x").evaluate("one => { one.style.outline = 'none'; }")
    with pytest.raises(AssertionError, match="does not show that it has the focus"):
        tab_to(page, "Unseen")
