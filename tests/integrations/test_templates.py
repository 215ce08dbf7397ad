"""What a template becomes, and what may never stand in it."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.specs import MethodDefinition, Spec
from integrations.templates import (
    UnfilledTemplate,
    UnfitValue,
    fill,
    fill_optional,
    fill_tree,
    fill_url,
    joined,
)
from tests.strategies import ODD_CHARACTERS

PLAIN = Spec(key="plain", target="config", secure=False)
SPECS = (
    PLAIN,
    Spec(key="sub", type="subdomain", target="config", suffix=".zendesk.com"),
    Spec(key="host", type="hostname", target="config"),
    Spec(key="ip", type="ip", target="config"),
    Spec(key="port", type="port", target="config", default=8443),
    Spec(key="site", type="select", target="config", options=(("a.eu", "EU"), ("b.com", "US"))),
    Spec(key="matched", target="config", pattern=".*"),
    Spec(key="url", type="url", target="config"),
    Spec(key="fixed", target="config", const="v2"),
    Spec(key="secret", type="password"),
    Spec(key="many", type="scopes", target="config"),
    Spec(key="flag", type="boolean", target="config"),
)
METHOD = MethodDefinition(id="m", name="M", kind="custom", specs=SPECS)


def values(**config: Any) -> dict[str, Any]:
    return {"credentials": {"secret": "s3cret/+"}, "config": config}


@pytest.mark.parametrize(
    ("template", "config", "expected"),
    [
        pytest.param("Bearer {secret}", {}, "Bearer s3cret/+", id="secret"),
        pytest.param("{credentials.secret}", {}, "s3cret/+", id="by-its-path"),
        pytest.param("{port}", {}, "8443", id="default"),
        pytest.param("{fixed}", {"fixed": "v1"}, "v1", id="stored-constant"),
        pytest.param("{fixed}", {}, "v2", id="constant"),
        pytest.param("{many}", {"many": ["a", "b"]}, "a b", id="list"),
        pytest.param("{flag}", {"flag": False}, "false", id="truth-value"),
        pytest.param("{ plain } {} {1} {{plain}}", {"plain": "p"}, "{ plain } {} {1} {p}", id="no"),
        pytest.param("{plain}", {"plain": "{secret}"}, "{secret}", id="once"),
        pytest.param("{plain}", {"plain": r"\g<0>\1"}, r"\g<0>\1", id="no-group"),
        pytest.param("{of_the_answer}", {"of_the_answer": "x"}, "x", id="asked-by-no-field"),
    ],
)
def test_names_become_values_and_nothing_else_does(
    template: str, config: dict[str, Any], expected: str
) -> None:
    assert fill(template, METHOD, values(**config)) == expected


@pytest.mark.parametrize("blank", [None, "", []])
def test_blank_field_is_named_not_sent(blank: Any) -> None:
    with pytest.raises(UnfilledTemplate) as refused:
        fill("a {secret} {plain}", METHOD, values(plain=blank))
    assert refused.value.name == "plain"
    assert str(refused.value) == "plain"
    assert fill_optional("{plain}", METHOD, values(plain=blank)) is None


def test_every_text_of_a_tree_is_filled() -> None:
    tree = {"query": "{ viewer { id } }", "of": ["{plain}", 1, None, True], "{plain}": {}}
    assert fill_tree(tree, METHOD, values(plain="p")) == {
        "query": "{ viewer { id } }",
        "of": ["p", 1, None, True],
        "{plain}": {},
    }


@pytest.mark.parametrize(
    ("template", "config", "expected"),
    [
        pytest.param("https://api.example.com/v1", {}, "https://api.example.com/v1", id="fixed"),
        pytest.param("https://api.example.com", {}, "https://api.example.com", id="no-path"),
        pytest.param("https://{sub}.zendesk.com/api/v2", {"sub": "acme"},
                     "https://acme.zendesk.com/api/v2", id="label"),
        pytest.param("https://{plain}.zendesk.com?x=1", {"plain": "acme"},
                     "https://acme.zendesk.com?x=1", id="query-at-once"),
        pytest.param("https://{host}:{port}/a", {"host": "db.example.com"},
                     "https://db.example.com:8443/a", id="host-and-port"),
        pytest.param("https://{ip}/a", {"ip": "2001:db8::1"}, "https://[2001:db8::1]/a", id="ipv6"),
        pytest.param("https://{ip}/a", {"ip": "192.0.2.1"}, "https://192.0.2.1/a", id="ipv4"),
        pytest.param("https://api.{site}", {"site": "a.eu"}, "https://api.a.eu", id="option"),
        pytest.param("https://{matched}-x.example.com", {"matched": "eu-1"},
                     "https://eu-1-x.example.com", id="hyphen"),
        pytest.param("https://a.example.com/{plain}/x", {"plain": "a/b?c#d e%@:é"},
                     "https://a.example.com/a%2Fb%3Fc%23d%20e%25%40%3A%C3%A9/x", id="path"),
        pytest.param("https://a.example.com/x?q={plain}", {"plain": "a&b=c"},
                     "https://a.example.com/x?q=a%26b%3Dc", id="query"),
        pytest.param("{url}", {"url": "https://h.example.com/a?b=c"},
                     "https://h.example.com/a?b=c", id="whole"),
        pytest.param("{url}/v1", {"url": "https://h.example.com/"}, "https://h.example.com/v1",
                     id="whole-and-more"),
        pytest.param("{url}/v1", {"url": "https://h.example.com/a?b=c#d"},
                     "https://h.example.com/a/v1?b=c", id="whole-with-query"),
        pytest.param("{url}/{plain}", {"url": "https://h.example.com", "plain": "../x"},
                     "https://h.example.com/..%2Fx", id="no-climbing"),
    ],
)  # fmt: skip
def test_values_are_escaped_by_place(template: str, config: dict[str, Any], expected: str) -> None:
    assert fill_url(template, METHOD, values(**config)) == expected


TRICKS = [
    *("evil.com/", "a.b", "a@evil.com", "a#", "a?", "a%2f", "..", ".", "a b", "a\tb", "a\nb"),
    *("a\x00", "evil.com\\", "a\\.evil.com", "evil.com:443", "a:b@evil.com", "a;b", "[::1]"),
    *("evil.com/.zendesk.com", "evil.com?.zendesk.com", "evil.com#.zendesk.com", "a\u3002b"),
    *("\uff41", "a\u200b", "a/../..", "//evil.com", "https://evil.com", "a" * 64, "a,b", "é"),
]


@pytest.mark.parametrize("trick", TRICKS)
def test_label_of_a_host_stays_a_label(trick: str) -> None:
    with pytest.raises(UnfitValue):
        fill_url("https://{plain}.zendesk.com/api", METHOD, values(plain=trick))


@pytest.mark.parametrize("trick", [t for t in TRICKS if t not in ("a.b", "a" * 64)])
@pytest.mark.parametrize("name", ["sub", "host", "matched", "site"])
def test_field_with_rules_of_its_own_does_not_leave_the_host_either(name: str, trick: str) -> None:
    """Whatever its pattern lets through, the fixed end of the host stays the end."""
    with pytest.raises(UnfitValue):
        fill_url(f"https://{{{name}}}.zendesk.com/api", METHOD, values(**{name: trick}))


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://h.example.com", "file:///etc/passwd", "javascript:alert(1)", "//h.example.com"),
        *("h.example.com", "https:///x", "https://", "https://a@h.example.com", "https://h\\x"),
        *("https://a:b@h.example.com", "https://h.example.com\r\nX: 1", "https://h example.com"),
        *("https://[::1", "https://h.example.com/\x00", " https://h.example.com", "https://@"),
        "https://h.example.com\t/x",
    ],
)
@pytest.mark.parametrize("template", ["{url}", "{url}/v1"])
def test_whole_url_is_one_of_the_web(template: str, url: str) -> None:
    with pytest.raises(UnfilledTemplate):
        fill_url(template, METHOD, values(url=url))


@pytest.mark.parametrize(
    "template", ["{url}.evil.com", "{url}@evil.com", "{plain}://evil.com", "{sub}.zendesk.com/x"]
)
def test_nothing_but_a_path_follows_a_whole_url(template: str) -> None:
    config = {"url": "https://h.example.com", "plain": "https", "sub": "acme"}
    with pytest.raises(UnfitValue):
        fill_url(template, METHOD, values(**config))


@pytest.mark.parametrize("trick", [".", ".."])
def test_value_cannot_climb_out_of_its_place_in_a_path(trick: str) -> None:
    with pytest.raises(UnfitValue):
        fill_url("https://a.example.com/b/{plain}/c", METHOD, values(plain=trick))


@given(st.text(ODD_CHARACTERS + "evil.com", max_size=20))
def test_no_text_at_all_leads_to_another_host(text: str) -> None:
    config = {"plain": text, "matched": text}
    for template in ("https://{plain}.zendesk.com/x", "https://{matched}.zendesk.com/{plain}"):
        try:
            found = urlsplit(fill_url(template, METHOD, values(**config)))
        except UnfilledTemplate:
            continue
        assert (found.hostname or "").endswith(".zendesk.com")
        assert found.username is None
        assert found.port is None


@pytest.mark.parametrize(
    ("base", "more", "expected"),
    [
        ("https://a/b", "/c", "https://a/b/c"),
        ("https://a/b/", "/c", "https://a/b/c"),
        ("https://a/b/", "", "https://a/b/"),
        ("https://a", "c", "https://a/c"),
        ("https://a/b", "//evil.com/c", "https://a/b//evil.com/c"),
        ("https://a/b?x=1", "/c?y=2", "https://a/b/c?x=1&y=2"),
        ("https://a/b#f", "?y=2", "https://a/b?y=2"),
    ],
)
def test_path_is_put_under_the_base(base: str, more: str, expected: str) -> None:
    assert joined(base, more) == expected
