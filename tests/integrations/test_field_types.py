"""What every field type accepts and refuses, by itself: values, messages and codes.

The tables are in field_values.py and bad_values.py. Forms are in test_field_forms.py, the JSON
Schema of each type in test_field_schemas.py.
"""

import calendar
import ipaddress
import time
import unicodedata
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework.serializers import ValidationError

from integrations import patterns
from integrations.field_types import FIELD_TYPES, SpecField, build_field, is_blank
from integrations.field_types.dates import DATE
from integrations.field_types.text import DISGUISED
from integrations.specs import Spec
from tests.integrations.bad_values import BAD, UNSENDABLE
from tests.integrations.field_values import COLOURS, GOOD, Row, rows


def field_of(type_: str, **settings: Any) -> SpecField:
    return build_field(Spec(key="value", type=type_, label="Value", **settings))


def problem_of(field: SpecField, value: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refusal:
        field.run_validation(value)
    (problem,) = refusal.value.detail
    return problem.code, str(problem)


def accepts(field: SpecField, value: Any) -> bool:
    try:
        field.run_validation(value)
    except ValidationError:
        return False
    return True


def test_every_type_has_its_tables() -> None:
    assert set(GOOD) == set(BAD) == set(FIELD_TYPES)


@pytest.mark.parametrize(("type_", "row"), rows(GOOD))
def test_good_value_is_read_back(type_: str, row: Row) -> None:
    stored = row.field(type_).run_validation(row.value)
    assert stored == row.expected
    assert type(stored) is type(row.expected)


@pytest.mark.parametrize(("type_", "row"), rows(BAD))
def test_bad_value_is_refused(type_: str, row: Row) -> None:
    assert problem_of(row.field(type_), row.value) == (row.code, f"Field 'Value' {row.text}")


@pytest.mark.parametrize(("type_", "row"), rows(BAD))
def test_message_never_quotes_the_value(type_: str, row: Row) -> None:
    if isinstance(row.value, str) and len(row.value) > 12:
        assert row.value not in problem_of(row.field(type_), row.value)[1]


@pytest.mark.parametrize("type_", UNSENDABLE)
def test_what_no_body_carries_is_refused(type_: str) -> None:
    value, code = UNSENDABLE[type_]
    assert problem_of(field_of(type_, **COLOURS), value)[0] == code


@pytest.mark.parametrize("blank", [None, "", " ", "\u200b", "\n\t", "\ufeff", "\u3000 \u2060", []])
def test_blank(blank: Any) -> None:
    assert is_blank(blank)


@pytest.mark.parametrize("value", [0, False, {}, "0", "\u200bx", [""], "-", "\x00", "\u0301"])
def test_not_blank(value: Any) -> None:
    assert not is_blank(value)


@pytest.mark.parametrize("filler", ["x", " ", "\u200b", "a ", "\\n", '"', "(", "\u00e9"])
@pytest.mark.parametrize("type_", sorted(set(FIELD_TYPES) - {"boolean", "integer", "number"}))
def test_mebibyte_is_judged_fast(type_: str, filler: str) -> None:
    value = "a" + filler * (2**20 // len(filler)) + "b"
    field = field_of(type_, strip=("space", "quotes"), prefix="a", suffix=" ", **COLOURS)
    before = time.process_time()
    assert not accepts(field, value)
    assert time.process_time() - before < 0.25


@pytest.mark.parametrize("year", [1, 4, 99, 100, 400, 1900, 1999, 2000, 2023, 2024, 2100, 9999])
def test_date_pattern_knows_the_calendar(year: int) -> None:
    pattern = patterns.whole(DATE)
    for month in range(14):
        days = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0
        for day in range(33):
            text = f"{year:04}-{month:02}-{day:02}"
            assert pattern.matches(text) is (1 <= day <= days), text


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    # A zone names an interface of this machine: it means nothing to a service.
    return "%" not in text


groups = st.lists(st.text("0123456789abcdefABCDEF", min_size=1, max_size=5), max_size=9)
addresses = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
    st.text("0123456789abcdef:.", max_size=40),
    groups.map(":".join),
    st.tuples(groups.map(":".join), groups.map(":".join)).map("::".join),
    st.tuples(groups.map(":".join), st.ip_addresses(v=4).map(str)).map(":".join),
    st.tuples(groups.map(":".join), st.ip_addresses(v=4).map(str)).map("::".join),
    st.lists(st.integers(0, 300).map(str), min_size=3, max_size=5).map(".".join),
)


@given(addresses)
@example("::")
@example("1:2:3:4:5:6:7::")
@example("::1:2:3:4:5:6:7")
@example("1::1.2.3.4")
@example("1::2:3:4:5:6:1.2.3.4")
@example("1::2:3:4:5:6:7")
@example("1::2:3:4:5:6:7:8")
@example("1:2:3:4:5:6:1.2.3.4")
@example("1:2:3:4:5:6:7:1.2.3.4")
def test_ip_pattern_agrees_with_python(text: str) -> None:
    assert accepts(field_of("ip"), text) is is_address(text)


hosts = st.text(
    st.one_of(st.sampled_from("ab1.-:@[]/\\%_"), st.characters(max_codepoint=0xFFFF)), max_size=12
)


@given(hosts, st.text(max_size=5))
@example("a\u2100b.com", "")
@example("[v1.x]", "")
def test_accepted_url_can_be_taken_apart(host: str, rest: str) -> None:
    """Whoever reads the URL later must not stumble, nor see another host than was judged."""
    url = f"https://{host}/{rest}"
    if accepts(field_of("url"), url):
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.username is parts.password is None
        assert parts.port is None or 1 <= parts.port <= 65_535
        prepared = unicodedata.normalize("NFKC", parts.hostname)
        assert {letter for letter in prepared if letter.isascii()} <= set(parts.hostname)


def test_nothing_in_a_name_turns_into_ascii() -> None:
    """Every character that host names and addresses may hold beside ASCII stays what it is."""
    disguised = patterns.anywhere(f"[{DISGUISED}]")
    url = field_of("url")
    for point in range(0x80, 0x10000):
        letter = chr(point)
        is_surrogate = 0xD800 <= point <= 0xDFFF
        if is_surrogate or not any(x.isascii() for x in unicodedata.normalize("NFKC", letter)):
            continue
        assert disguised.matches(letter) or not accepts(url, f"https://a{letter}a.com"), hex(point)
