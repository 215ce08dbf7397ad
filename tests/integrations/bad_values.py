"""What each field type refuses, with the code and the words of the refusal: one table."""

from typing import Any

from tests.integrations import key_material as keys
from tests.integrations.field_values import COLOURS, Row

EDGES = "must not start or end with a space or line break"
FORMAT = "has an invalid format"
NOT_A_KEY = "must be a PEM private key"
NOT_AN_ACCOUNT = "must be a service account key in JSON"
ONE_OF_COLOURS = "must be one of: red, green, blue"
TWICE = "must not name anything twice"
ZONE = "must be a valid date and time with a time zone"
NOT_TEXT = {"number": 5, "truth": True, "list": ["a"], "object": {"a": "b"}, "float": 1.5}


def bad(name: str, given: Any, code: str, text: str, *, said: bool = True, **spec: Any) -> Row:
    return Row(name, given, code=code, text=text, said=said, spec=spec)


def refused(code: str, text: str, values: dict[str, Any], **spec: Any) -> list[Row]:
    """Many values with one verdict."""
    return [bad(name, value, code, text, **spec) for name, value in values.items()]


BAD: dict[str, list[Row]] = {
    "string": [
        *refused("invalid_text", "must be text", NOT_TEXT),
        *refused(
            "surrounding_space",
            EDGES,
            {
                "space before": " abc",
                "space after": "abc ",
                "line break after": "abc\n",
                "zero width after": "abc\u200b",
                "byte order mark": "\ufeffabc",
            },
        ),
        bad("line break against a pattern", "abc\n", "surrounding_space", EDGES, pattern="^abc$"),
        *refused(
            "invalid_text",
            "must be text",
            {
                "NUL": "a\x00b",
                "line break inside": "a\nb",
                "tab": "a\tb",
                "escape": "a\x1bb",
                "next line": "a\x85b",
            },
        ),
        bad("too long", "x" * 4097, "max_length", "must be at most 4096 characters"),
        bad("a mebibyte", "x" * 2**20, "max_length", "must be at most 4096 characters"),
        bad("own length", "abcd", "max_length", "must be at most 3 characters", max_length=3),
        bad("too short", "ab", "min_length", "must be at least 3 characters", min_length=3),
        bad("part of a pattern", "xabcx", "pattern", FORMAT, pattern="abc"),
        bad("part of alternatives", "abcx", "pattern", FORMAT, pattern="abc|d"),
        bad("other digits", "\u0667", "pattern", FORMAT, pattern=r"\d"),
        bad("other letters", "\u00e9", "pattern", FORMAT, pattern=r"\w"),
        bad(
            "own words", "x", "pattern", "must be abc", pattern="abc", pattern_message="must be abc"
        ),
        bad("forbidden", "a//b", "pattern", FORMAT, forbidden_pattern="//"),
        bad("prefix alone", "https://", "required", "is required", prefix="https://", said=False),
        bad(
            "too short without prefix",
            "https://a",
            "min_length",
            "must be at least 3 characters",
            prefix="https://",
            min_length=3,
            said=False,
        ),
    ],
    "text": [
        *refused("invalid_text", "must be text", NOT_TEXT),
        *refused(
            "invalid_text",
            "must be text",
            {
                "NUL": "a\x00",
            },
        ),
        bad("too long", "x" * 65_537, "max_length", "must be at most 65536 characters"),
    ],
    "password": [
        *refused("invalid_text", "must be text", NOT_TEXT, secure=True),
        *refused(
            "masked",
            "must be the value itself, not a mask",
            {"stars": "********", "bullets": "\u2022\u2022\u2022", "both": "*\u25cf"},
            secure=True,
        ),
        bad("pasted line break", "abc\n", "surrounding_space", EDGES, secure=True),
    ],
    "email": [
        *refused(
            "invalid_email",
            "must be a valid email address",
            {
                "no at sign": "example.com",
                "two at signs": "a@b@example.com",
                "short": "a@b",
                "one-letter end": "a@b.c",
                "no name": "@example.com",
                "dot first": ".a@example.com",
                "dot last": "a.@example.com",
                "two dots": "a..b@example.com",
                "space": "a b@example.com",
                "angle brackets": "Ann <a@example.com>",
                "hyphen first": "a@-example.com",
                "numeric end": "a@1.2.3.4",
                "address literal": "a@[192.0.2.1]",
                "quoted": '"a"@example.com',
                "fullwidth at sign": "a\uff20example.com",
                "fullwidth dot": "a@example\uff0ecom",
                "account sign": "a@ex\u2100mple.com",
                "comma": "a@example.com,b@example.com",
                **NOT_TEXT,
            },
        ),
        bad("too long", "a" * 243 + "@example.com", "max_length", "must be at most 254 characters"),
    ],
    "url": [
        *refused(
            "invalid_url",
            "must be a valid URL",
            {
                "user": "https://ann@example.com/",
                "password": "https://ann:pw@example.com/",
                "javascript": "javascript:alert(1)",
                "data": "data:text/html,x",
                "file": "file:///etc/passwd",
                "ftp": "ftp://example.com/",
                "gopher": "gopher://example.com/",
                "jar": "jar:https://example.com!/",
                "unix": "unix:/run/x.sock",
                "no scheme": "example.com",
                "slashes only": "//example.com/",
                "one slash": "http:/example.com",
                "one slash of https": "https:/example.com",
                "no host": "https:///x",
                "http": "http://example.com/",
                "space": "https://example.com/a b",
                "tab": "https://example.com/a\tb",
                "backslash": "https://example.com\\@evil.com/",
                "port 0": "https://example.com:0/",
                "port 99999": "https://example.com:99999/",
                "port 65536": "https://example.com:65536/",
                "no port": "https://example.com:/",
                "decimal host": "https://2130706433/",
                "hexadecimal host": "https://0x7f.1/",
                "hexadecimal number": "https://0x7f000001/",
                "octal host": "https://0177.0.0.1/",
                "short host": "https://127.1/",
                "long IPv4": "https://1.2.3.4.5/",
                "dot after": "https://1.2.3.4./",
                "bare IPv6": "https://::1/",
                "zone": "https://[fe80::1%25eth0]/",
                "half a bracket": "https://[::1/",
                "name in brackets": "https://[example.com]/",
                "fullwidth digits": "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
                "ideographic dot": "https://evil\u3002com/",
                "account sign": "https://a\u2100b.com/",
                "superscript": "https://\u00b9\u00b2\u2077.1/",
                "soft hyphen": "https://exa\u00admple.com/",
                "brace": "https://{x}.example.com/",
                "hyphen first": "https://-a.example.com/",
                "underscore": "https://a_b.example.com/",
                "upper-case scheme": "HTTPS://example.com/",
                **NOT_TEXT,
            },
        ),
        *refused(
            "invalid_url",
            "must be a valid URL",
            {
                "CR LF": "https://example.com/\r\nX: y",
                "NUL": "https://example.com/\x00",
            },
        ),
        bad("space after", "https://example.com/ ", "surrounding_space", EDGES),
        bad(
            "2,049 characters",
            "https://example.com/" + "x" * 2029,
            "max_length",
            "must be at most 2048 characters",
        ),
    ],
    "hostname": [
        *refused(
            "invalid_hostname",
            "must be a valid host name",
            {
                "underscore": "a_b.example.com",
                "dot after": "example.com.",
                "dot first": ".example.com",
                "two dots": "a..b",
                "hyphen first": "-a.com",
                "hyphen last": "a-.com",
                "IPv4": "192.0.2.1",
                "IPv6": "::1",
                "port": "example.com:443",
                "URL": "https://example.com",
                "other script": "ex\u00e4mple.com",
                "long label": "a" * 64 + ".com",
                **NOT_TEXT,
            },
        ),
        bad("too long", ".".join(["a" * 63] * 4), "max_length", "must be at most 253 characters"),
    ],
    "subdomain": [
        *refused(
            "invalid_subdomain",
            "must be a valid subdomain",
            {
                "path": "evil.com/",
                "two labels": "a.b",
                "user": "a@evil.com",
                "fragment": "a#",
                "query": "a?",
                "coded slash": "a%2f",
                "dots": "..",
                "hyphen first": "-a",
                "underscore": "a_b",
                **NOT_TEXT,
            },
            suffix=".zendesk.com",
        ),
        bad(
            "foreign host",
            "acme.evil.com",
            "invalid_subdomain",
            "must be a valid subdomain",
            suffix=".zendesk.com",
        ),
        bad(
            "suffix alone",
            "https://.zendesk.com/",
            "required",
            "is required",
            suffix=".zendesk.com",
        ),
        bad("too long", "a" * 64, "max_length", "must be at most 63 characters"),
    ],
    "ip": [
        *refused(
            "invalid_ip",
            "must be a valid IP address",
            {
                "three parts": "1.2.3",
                "five parts": "1.2.3.4.5",
                "256": "1.2.3.256",
                "leading zero": "01.2.3.4",
                "decimal": "2130706433",
                "hexadecimal": "0x7f.0.0.1",
                "network": "10.0.0.0/8",
                "zone": "fe80::1%eth0",
                "brackets": "[::1]",
                "two gaps": "1::2::3",
                "nine groups": "1:2:3:4:5:6:7:8:9",
                "name": "localhost",
                "long group": "12345::",
                "other digits": "\u0661.2.3.4",
                **NOT_TEXT,
            },
        ),
    ],
    "port": [
        *refused(
            "invalid_port",
            "must be a valid port",
            {
                "zero": 0,
                "negative": -1,
                "65536": 65_536,
                "text": "443",
                "words": "443abc",
                "plus": "+443",
                "truth": True,
            },
        ),
        bad("fraction", 443.0, "invalid_port", "must be a valid port", said=False),
    ],
    "uuid": refused(
        "invalid_uuid",
        "must be a valid UUID",
        {
            "braces": "{123e4567-e89b-12d3-a456-426614174000}",
            "URN": "urn:uuid:123e4567-e89b-12d3-a456-426614174000",
            "no hyphens": "123e4567e89b12d3a456426614174000",
            "31 digits": "123e4567-e89b-12d3-a456-42661417400",
            "other letters": "g23e4567-e89b-12d3-a456-426614174000",
            **NOT_TEXT,
        },
    ),
    "integer": [
        *refused(
            "invalid_integer",
            "must be a whole number",
            {
                "text": "7",
                "words": "seven",
                "hexadecimal": "0x10",
                "leading space": " 7",
                "other digits": "\u0667",
                "truth": True,
                "fraction": 7.5,
                "list": [7],
            },
        ),
        *[
            bad(name, value, "invalid_integer", "must be a whole number", said=False)
            for name, value in {"7.0": 7.0, "1e3": 1e3, "-0": -0.0}.items()
        ],
        *refused(
            "maximum",
            "must be at most 9223372036854775807",
            {"2^63": 2**63, "10^30": 10**30, "300 digits": 10**299},
        ),
        bad("too low", -(2**63) - 1, "minimum", "must be at least -9223372036854775808"),
        bad("below its bound", 4, "minimum", "must be at least 5", minimum=5.0),
        bad("above its bound", 6, "maximum", "must be at most 5", maximum=5.0),
    ],
    "number": [
        *refused(
            "invalid_number",
            "must be a number",
            {"text": "7", "truth": False, "list": [1], "object": {"a": 1}},
        ),
        bad("below its bound", 0.4, "minimum", "must be at least 0.5", minimum=0.5),
        bad("far above its bound", 10**400, "maximum", "must be at most 5", maximum=5.0),
        bad("far below its bound", -(10**400), "minimum", "must be at least -5", minimum=-5.0),
    ],
    "boolean": refused(
        "invalid_boolean",
        "must be true or false",
        {"text": "true", "one": 1, "zero": 0, "list": [True]},
    ),
    "select": [
        *refused(
            "invalid_choice",
            ONE_OF_COLOURS,
            {
                "unknown": "pink",
                "other case": "Red",
                "label": "Green",
                "list": ["red"],
                "number": 1,
                "truth": True,
            },
            **COLOURS,
        ),
        bad(
            "withdrawn option",
            "red",
            "invalid_choice",
            "must be one of: green",
            options=(("green", "Green"),),
        ),
        bad("no options at all", "red", "invalid_choice", "must be one of: "),
    ],
    "multiselect": [
        *refused(
            "invalid_choice",
            ONE_OF_COLOURS,
            {
                "unknown": ["pink"],
                "withdrawn among others": ["red", "pink"],
                "text": "red",
                "number inside": [1],
                "list inside": [["red"]],
                "object": {"red": True},
            },
            **COLOURS,
        ),
        bad("twice", ["red", "red"], "duplicate", TWICE, **COLOURS),
        bad(
            "too many",
            ["red", "green"],
            "max_length",
            "must have at most 1 entries",
            max_length=1,
            **COLOURS,
        ),
        bad(
            "too few",
            ["red"],
            "min_length",
            "must have at least 2 entries",
            min_length=2,
            **COLOURS,
        ),
    ],
    "date": refused(
        "invalid_date",
        "must be a valid date",
        {
            "30 February": "2026-02-30",
            "year 0": "0000-01-01",
            "no leap year": "2023-02-29",
            "century": "1900-02-29",
            "month 13": "2026-13-01",
            "day 0": "2026-01-00",
            "German": "19.10.2025",
            "short": "2026-1-1",
            "time": "2026-01-01T00:00:00Z",
            "words": "today",
            "other digits": "\u0662\u0660\u0662\u0666-01-01",
            **NOT_TEXT,
        },
    ),
    "datetime": refused(
        "invalid_datetime",
        ZONE,
        {
            "no zone": "2026-01-01T00:00:00",
            "date only": "2026-01-01",
            "30 February": "2026-02-30T00:00:00Z",
            "hour 24": "2026-01-01T24:00:00Z",
            "minute 60": "2026-01-01T00:60:00Z",
            "space": "2026-01-01 00:00:00Z",
            "no seconds": "2026-01-01T00:00Z",
            "far zone": "2026-01-01T00:00:00+15:00",
            "epoch": "1700000000",
            "zone without colon": "2026-01-01T00:00:00+0100",
            **NOT_TEXT,
        },
    ),
    "duration": refused(
        "invalid_duration",
        "must be a valid duration",
        {
            "nothing": "P",
            "no time": "P1DT",
            "words": "1 day",
            "wrong order": "P1D1Y",
            "sign": "-P1D",
            "weeks and days": "P1W1D",
            **NOT_TEXT,
        },
    ),
    "phone": refused(
        "invalid_phone",
        "must be a valid phone number",
        {
            "no plus": "4930123456",
            "spaces": "+49 30 123456",
            "leading zero": "+0301234567",
            "short": "+491",
            "16 digits": "+1234567890123456",
            "letters": "+49ABCDEFG",
            **NOT_TEXT,
        },
    ),
    "scopes": [
        *refused(
            "invalid_scopes",
            "must be a list of scopes",
            {
                "number": 5,
                "object": {"a": "b"},
                "number inside": [1],
                "empty inside": ["a", ""],
                "space inside": ["a b"],
                "quote": 'a"b',
                "backslash": "a\\b",
                "two spaces": "a  b",
                "tab": "a\tb",
                "not ASCII": "l\u00e9se",
            },
        ),
        bad("twice", ["a", "a"], "duplicate", TWICE),
        bad("twice as text", "a a", "duplicate", TWICE, said=False),
        bad(
            "too few as text",
            "a",
            "min_length",
            "must have at least 2 entries",
            min_length=2,
            said=False,
        ),
    ],
    "json": [
        *refused(
            "invalid_json",
            "must be a JSON object",
            {"text": "{}", "list": [1], "number": 5, "truth": True},
        ),
        bad(
            "too long",
            {"a": "x" * 65_536},
            "max_length",
            "must be at most 65536 characters",
            said=False,
        ),
    ],
    "service_account": [
        *refused(
            "invalid_service_account",
            NOT_AN_ACCOUNT,
            {
                "text": "{}",
                "list": [1],
                "empty": {},
                "no private key": lambda: keys.service_account(private_key=None),
                "no email": lambda: keys.service_account(client_email=None),
                "no address": lambda: keys.service_account(client_email="robot"),
                "number as key": lambda: keys.service_account(private_key=5),
                "user credentials": lambda: keys.service_account(type="authorized_user"),
                "token elsewhere": lambda: keys.service_account(token_uri="https://evil.com/token"),
                "token at a look-alike": lambda: keys.service_account(
                    token_uri="https://googleapis.com.evil.com/"
                ),
                "token without TLS": lambda: keys.service_account(
                    token_uri="http://oauth2.googleapis.com/token"
                ),
                "address as a list": lambda: keys.service_account(
                    auth_uri=["https://accounts.google.com"]
                ),
                "other universe": lambda: keys.service_account(universe_domain="evil.com"),
                "executable": {
                    "type": "external_account",
                    "credential_source": {"executable": {"command": "id"}},
                },
                "source URL": {
                    "type": "external_account",
                    "credential_source": {"url": "http://169.254.169.254/"},
                },
                "source beside a key": lambda: keys.service_account(
                    credential_source={"file": "/etc/passwd"}
                ),
                "impersonation": lambda: keys.service_account(
                    service_account_impersonation_url="https://www.googleapis.com"
                ),
            },
        ),
        *[
            bad(name, value, "invalid_service_account", NOT_AN_ACCOUNT, said=False)
            for name, value in {
                "broken key": lambda: keys.service_account(
                    private_key="-----BEGIN PRIVATE KEY-----\nMII\n"
                ),
                "weak key": lambda: keys.service_account(private_key=keys.rsa_key(1024)),
                "certificate as key": lambda: keys.service_account(private_key=keys.certificate()),
            }.items()
        ],
    ],
    "pem": [
        *refused("invalid_pem", NOT_A_KEY, {"number": 5, "list": ["x"]}),
        *[
            bad(name, value, "invalid_pem", NOT_A_KEY, said=False)
            for name, value in {
                "certificate instead of key": keys.certificate,
                "public key": keys.public_key,
                "two keys": lambda: f"{keys.ec_key()}\n{keys.ec_key()}",
                "garbage": "not a key",
                "garbage inside": "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
                "text before": lambda: f"my key:\n{keys.ec_key()}",
                "text after": lambda: f"{keys.ec_key()}x",
                "byte order mark": lambda: f"\ufeff{keys.ec_key()}",
                "no end": lambda: keys.ec_key()[:-30],
                "NUL": lambda: keys.ec_key().replace("\n", "\x00\n", 1),
                "not ASCII": lambda: keys.ec_key() + "\u00e9",
            }.items()
        ],
        *[
            bad(name, value, "encrypted_key", "must be a key without a passphrase", said=False)
            for name, value in {
                "encrypted": keys.encrypted_key,
                "encrypted, traditional": keys.encrypted_sec1_key,
                "encrypted, OpenSSH": keys.encrypted_openssh_key,
            }.items()
        ],
        bad(
            "RSA 1024",
            lambda: keys.rsa_key(1024),
            "weak_key",
            "must be an RSA key of at least 2048 bits",
            said=False,
        ),
        bad(
            "a mebibyte", "x" * 2**20, "max_length", "must be at most 65536 characters", said=False
        ),
        bad(
            "key instead of certificate",
            keys.ec_key,
            "invalid_pem",
            "must be a PEM certificate",
            pem_type="certificate",
            said=False,
        ),
        bad(
            "certificate of RSA 1024",
            lambda: keys.certificate(1024),
            "weak_key",
            "must be an RSA key of at least 2048 bits",
            pem_type="certificate",
            said=False,
        ),
        bad(
            "neither",
            keys.public_key,
            "invalid_pem",
            "must be a PEM private key or certificate",
            pem_type="any",
            said=False,
        ),
    ],
    "jwt": [
        *refused(
            "invalid_jwt",
            "must be a JWT",
            {
                "one part": "abc",
                "two parts": "a.b",
                "four parts": "a.b.c.d",
                "empty part": "a..c",
                "plus": "a+b.c.d",
                "padding": "YQ==.YQ.YQ",
                **NOT_TEXT,
            },
        ),
        *[
            bad(name, value, "invalid_jwt", "must be a JWT", said=False)
            for name, value in {
                "header is no JSON": "YQ.YQ.YQ",
                "header is no base64": "a.b.c",
                "header is a list": lambda: keys.jwt(["RS256"]),
                "no algorithm": lambda: keys.jwt({"typ": "JWT"}),
                "algorithm is a number": lambda: keys.jwt({"alg": 1}),
            }.items()
        ],
    ],
    "connection_string": refused(
        "invalid_connection_string",
        "must be a valid connection string",
        {
            "other scheme": "mysql://x",
            "part of a scheme": "xpostgres://h",
            "no scheme": "localhost/db",
            "one slash": "postgres:/h",
            "nothing after": "postgres://",
            "space": "postgres://a b",
            "line break": "postgres://a\nb",
            **NOT_TEXT,
        },
        schemes=("postgres",),
    ),
    "headers": refused(
        "invalid_pairs",
        "must be name and value pairs",
        {
            "text": "X-Key: abc",
            "list": [["X-Key", "abc"]],
            "empty": {},
            "space in the name": {"X Key": "a"},
            "colon in the name": {"X:": "a"},
            "empty name": {"": "a"},
            "line break": {"X": "a\r\nY: b"},
            "NUL": {"X": "a\x00"},
            "blank edge": {"X": " a"},
            "number": {"X": 1},
            "not ASCII": {"\u00dc": "a"},
            "object inside": {"X": {"a": "b"}},
        },
    ),
    "key_values": [
        *refused(
            "invalid_pairs",
            "must be name and value pairs",
            {
                "text": "a: b",
                "list": ["a"],
                "empty": {},
                "number": {"a": 1},
                "null": {"a": None},
                "empty name": {"": "a"},
                "line break": {"a": "b\nc"},
                "line break in the name": {"a\nb": "c"},
                "NUL": {"a": "\x00"},
                "long name": {"a" * 256: "b"},
                "long value": {"a": "b" * 4097},
            },
        ),
        bad(
            "too many",
            {str(number): "x" for number in range(101)},
            "max_length",
            "must have at most 100 entries",
        ),
    ],
    "list": [
        *refused(
            "invalid_list",
            "must be a list",
            {
                "text": "a",
                "object": {"a": "b"},
                "number inside": ["a", 1],
                "empty inside": ["a", ""],
                "line break inside": ["a\nb"],
                "list inside": [["a"]],
                "long entry": ["x" * 4097],
            },
        ),
        bad("twice", ["a", "b", "a"], "duplicate", TWICE),
        bad(
            "10,001 entries",
            [str(number) for number in range(10_001)],
            "max_length",
            "must have at most 1000 entries",
        ),
        bad("too few", ["a"], "min_length", "must have at least 2 entries", min_length=2),
    ],
}

# What no body carries, such as half of a surrogate pair; a form or a file might.
UNSENDABLE: dict[str, tuple[Any, str]] = {
    "string": ("a\ud800", "invalid_text"),
    "text": ("\udfff", "invalid_text"),
    "password": ("\ud83d", "invalid_text"),
    "select": ("\ud800", "invalid_choice"),
    "pem": ("\ud800", "invalid_pem"),
    "key_values": ({"a": "\ud800"}, "invalid_pairs"),
    "headers": ({"\ud800": "a"}, "invalid_pairs"),
    "list": (["\ud800"], "invalid_list"),
    "multiselect": (["\ud800"], "invalid_choice"),
    "scopes": (["\ud800"], "invalid_scopes"),
    "url": ("https://\ud800.com", "invalid_url"),
    "jwt": ("\ud800.a.b", "invalid_jwt"),
    "integer": (10**4999, "maximum"),
    "number": (float("nan"), "invalid_number"),
}
