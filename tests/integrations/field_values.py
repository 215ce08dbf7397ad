"""What each field type accepts: one table, in the manner of DRF's tests. Refusals: bad_values.py.

A row's `value` may be a function, for keys that are only made when a test wants them. `said=False`
marks what the JSON Schema cannot say and lists in `x-rules`.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from integrations.field_types import SpecField, build_field
from integrations.specs import Spec
from tests.integrations import key_material as keys

AS_GIVEN = object()
COLOURS = {"options": (("red", "Red"), ("green", "Green"), ("blue", "Blue"))}


@dataclass(frozen=True)
class Row:
    name: str
    given: Any
    stored: Any = AS_GIVEN
    code: str = ""
    text: str = ""
    said: bool = True
    spec: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        return self.given() if callable(self.given) else self.given

    @property
    def expected(self) -> Any:
        if self.stored is AS_GIVEN:
            return self.value
        return self.stored() if callable(self.stored) else self.stored

    def field(self, type_: str) -> SpecField:
        settings = {"secure": False, **self.spec}
        return build_field(Spec(key="value", type=type_, label="Value", **settings))


def good(name: str, given: Any, stored: Any = AS_GIVEN, *, said: bool = True, **spec: Any) -> Row:
    return Row(name, given, stored=stored, said=said, spec=spec)


def rows(table: dict[str, list[Row]]) -> list[Any]:
    return [
        pytest.param(type_, row, id=f"{type_}-{row.name}")
        for type_, listed in table.items()
        for row in listed
    ]


GOOD: dict[str, list[Row]] = {
    "string": [
        good("plain", "abc"),
        good("inner spaces", "a b"),
        good("emoji", "\U0001f511 key"),
        good("astral plane", "\U00020000"),
        good("composed", "\u00e9"),
        good("decomposed", "e\u0301"),
        good("zero width inside", "a\u200bb"),
        good("template of Django", "{{7*7}}"),
        good("tag of Django", "{% debug %}"),
        good("look-up of Java", "${jndi:ldap://x}"),
        good("expression", "#{7*7}"),
        good("SQL", "'; DROP TABLE x;--"),
        good("SQL wildcard", "%' OR 1=1"),
        good("path", "../../etc/passwd"),
        good("path of Windows", "C:\\x"),
        good("file URL", "file:///etc/passwd"),
        good("markup", "<script>alert(1)</script>"),
        good("mask in a public field", "***"),
        good("longest", "x" * 4096),
        good("own longest", "é" * 5, max_length=5),
        good("shortest", "abc", min_length=3),
        good("pattern", "abc", pattern="^abc$"),
        good("pattern without anchors", "abc", pattern="[a-c]+"),
        good("pattern of alternatives", "abc", pattern="abc|d"),
        good("empty pattern", "abc", pattern=""),
        good("pattern of anything", "abc", pattern=".*"),
        good("forbidden pattern elsewhere", "abc", forbidden_pattern="^b"),
        good("prefix pasted", "https://acme", "acme", prefix="https://"),
        good("prefix left out", "acme", prefix="https://"),
        good("suffix pasted", "acme.example.com", "acme", suffix=".example.com"),
        good("bearer", "Bearer abc", "abc", strip=("Bearer ",)),
        good("quotes", '"abc"', "abc", strip=("quotes",)),
        good("one quote", '"', strip=("quotes",)),
        good("space", " abc\n", "abc", strip=("space",), said=False),
        good("zero width at the edge", "\ufeffabc\u200b", "abc", strip=("space",), said=False),
        good("space, then bearer", " Bearer abc ", "abc", strip=("space", "Bearer "), said=False),
    ],
    "text": [
        good("lines", "a\nb\n\tc"),
        good("CR LF", "a\r\nb"),
        good("blank edges", " a \n"),
        good("long", "x" * 65_536),
    ],
    "password": [
        good("plain", "S3cret!", secure=True),
        good("stars in it", "**x**", secure=True),
        good("pass phrase", "correct horse battery staple", secure=True),
    ],
    "email": [
        good("plain", "ann@example.com"),
        good("tag", "a+tag@ex\u00e4mple.com"),
        good("dots", "first.last@mail.example.co.uk"),
        good("signs", "!#$%&'*+/=?^_`{|}~-@example.com"),
        good("umlaut before the at sign", "m\u00fcller@example.com"),
        good(
            "other script",
            "\u043f\u043e\u0447\u0442\u0430@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        ),
        good("longest", "a" * 242 + "@example.com"),
    ],
    "url": [
        good("plain", "https://example.com"),
        good("everything", "https://a-b.example.com:8443/a/b;c?d=e&f=%20#g"),
        good("query at once", "https://example.com?x=1"),
        good("IPv4", "https://192.0.2.1/"),
        good("IPv6", "https://[2001:db8::1]:8443/"),
        good("single label", "https://localhost/"),
        good("other script", "https://ex\u00e4mple.com/"),
        good("deep path in another script", "https://example.com/\u30e1\u30a4\u30f3"),
        good("http where allowed", "http://example.com", schemes=("https", "http")),
        good("longest", "https://example.com/" + "x" * 2028),
    ],
    "hostname": [
        good("plain", "db.example.com"),
        good("single label", "localhost"),
        good("digits and hyphens", "1a-2.x--y.net"),
        good("longest", ".".join(["a" * 63] * 3 + ["a" * 61])),
    ],
    "subdomain": [
        good("plain", "acme"),
        good("digits", "4711"),
        good("pasted host", "acme.zendesk.com", "acme", suffix=".zendesk.com", said=False),
        good("pasted URL", "https://acme.zendesk.com/", "acme", suffix=".zendesk.com", said=False),
        good("longest", "a" * 63),
    ],
    "ip": [
        good("IPv4", "192.0.2.255"),
        good("IPv6", "2001:db8::1"),
        good("any", "::"),
        good("mapped", "::ffff:192.0.2.1"),
        good("longest", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
    ],
    "port": [good("first", 1), good("usual", 443), good("last", 65_535)],
    "uuid": [
        good("lower case", "123e4567-e89b-12d3-a456-426614174000"),
        good("upper case", "123E4567-E89B-12D3-A456-426614174000"),
        good("nil", "00000000-0000-0000-0000-000000000000"),
    ],
    "integer": [
        good("plain", 7),
        good("negative", -7),
        good("zero", 0),
        good("greatest", 2**63 - 1),
        good("least", -(2**63)),
        good("at its bounds", 5, minimum=5.0, maximum=5.0),
    ],
    "number": [
        good("whole", 7),
        good("fraction", -0.5),
        good("exponent", 1e22),
        good("tiny", 5e-324),
        good("beyond 64 bits", 10**30),
        good("at its bounds", 0.5, minimum=0.5, maximum=0.5),
    ],
    "boolean": [good("true", True), good("false", False)],
    "select": [good("one", "red", **COLOURS), good("last", "blue", **COLOURS)],
    "multiselect": [
        good("one", ["red"], **COLOURS),
        good("all, in any order", ["blue", "red", "green"], **COLOURS),
    ],
    "date": [
        good("plain", "2025-10-19"),
        good("leap day", "2024-02-29"),
        good("first", "0001-01-01"),
    ],
    "datetime": [
        good("UTC", "2025-10-19T12:00:00Z"),
        good("offset", "2025-10-19T12:00:00+05:30"),
        good("fraction", "2025-10-19T12:00:00.123456Z"),
        good("first", "0001-01-01T00:00:00+14:00"),
        good("last", "9999-12-31T23:59:59-14:00"),
    ],
    "duration": [
        good("days", "P30D"),
        good("hours and minutes", "PT1H30M"),
        good("everything", "P1Y2M3DT4H5M6.5S"),
        good("weeks", "P2W"),
    ],
    "phone": [good("plain", "+4930123456"), good("longest", "+" + "9" * 15)],
    "scopes": [
        good("list", ["read", "write:all"]),
        good("text", "read write:all", ["read", "write:all"]),
        good("address", ["https://www.googleapis.com/auth/gmail.readonly"]),
        good("one", "openid", ["openid"]),
    ],
    "json": [
        good("empty", {}),
        good("nested", {"a": [1, 2.5, True, None, {"b": "\u00e9"}]}),
    ],
    "service_account": [
        good("as downloaded", keys.service_account),
        good(
            "literal line breaks",
            lambda: keys.service_account(private_key=keys.rsa_key().replace("\n", "\\n")),
        ),
        good(
            "without what is optional",
            lambda: keys.service_account(client_id=None, universe_domain=None, auth_uri=None),
        ),
    ],
    "pem": [
        good("RSA", keys.rsa_key),
        good("EC", keys.ec_key),
        good("traditional", keys.sec1_key),
        good("OpenSSH", keys.openssh_key),
        good("literal line breaks", lambda: keys.ec_key().replace("\n", "\\n"), keys.ec_key),
        good("CR LF", lambda: keys.ec_key().replace("\n", "\r\n"), keys.ec_key),
        good("CR", lambda: keys.ec_key().replace("\n", "\r"), keys.ec_key),
        good("blank edges", lambda: f"\n {keys.ec_key()}\n", keys.ec_key),
        good("certificate", keys.certificate, pem_type="certificate"),
        good("certificate for either", keys.certificate, pem_type="any"),
        good("key for either", keys.ec_key, pem_type="any"),
    ],
    "jwt": [good("signed", keys.jwt), good("algorithm only", lambda: keys.jwt({"alg": "none"}))],
    "connection_string": [
        good(
            "PostgreSQL",
            "postgres://ann:s%20x@db.example.com:5432/app?sslmode=require",
            schemes=("postgres", "postgresql"),
        ),
        good("several hosts", "mongodb+srv://a:b@x,y/db", schemes=("mongodb", "mongodb+srv")),
        good("any scheme", "redis://localhost"),
    ],
    "headers": [
        good("one", {"X-Key": "abc"}),
        good("several", {"Accept": "text/html, */*;q=0.8", "X-Empty": ""}),
        good("tab inside", {"X-Key": "a\tb"}),
    ],
    "key_values": [
        good("plain", {"region": "eu", "tier": ""}),
        good("colon in the name", {"https://x": "a: b"}),
        good("blank edges", {" a ": " b "}),
        good("none where allowed", {}, min_length=0),
        good("as many as allowed", {str(number): "x" for number in range(100)}),
    ],
    "list": [
        good("plain", ["a", "b c"]),
        good("blank edges", [" a "]),
        good("looks like JSON", ["[1]"]),
        good("looks like a list", ['["a"]']),
        good("line separator", ["a\u2028b"]),
        good("at its bounds", ["a", "b"], min_length=2, max_length=2),
    ],
}
