"""How URLs are read: one spelling or none."""

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex, text

from connections.egress import EgressError
from connections.egress.urls import Target, is_address, normal_host, parse

LONG = "https://example.com/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "/path",
        "https:example.com",
        "https:/example.com",
        "https://",
        "https:///path",
        "https://?query",
        "https://#fragment",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "unix:/var/run/docker.sock",
        "jar:https://example.com!/",
        "ws://example.com/",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
        "httpss://example.com/",
        " https://example.com/",
        "view-source:https://example.com/",
    ],
)
def test_what_is_no_https_url_is_refused(url):
    assert cause_of(url) == "bad_url"


@pytest.mark.parametrize(
    "character",
    [
        *("\r\n", "\n", "\r", "\t", " ", "\0", "\x1f", "\x7f", "\x85", "\xa0", "\\"),
        *("\u2028", "\u200b", "\u202e", "\u00ad", "\ufeff", "\ud800", "\ue000", "\u3000"),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("place", ["host", "path", "query", "fragment", "end", "scheme"])
def test_controls_spaces_and_backslashes_are_refused_anywhere(character, place):
    urls = {
        "host": f"https://exa{character}mple.com/",
        "path": f"https://example.com/a{character}b",
        "query": f"https://example.com/?a={character}b",
        "fragment": f"https://example.com/#a{character}b",
        "end": f"https://example.com/{character}",
        "scheme": f"ht{character}tps://example.com/",
    }
    assert cause_of(urls[place]) == "bad_url"


@pytest.mark.parametrize(
    "url",
    [
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com:443@127.0.0.1/",
        "https://example.com%40127.0.0.1/",
        "https://example.com\uff20127.0.0.1/",
    ],
    ids=ascii,
)
def test_user_info_is_refused(url):
    assert cause_of(url) == "bad_url"


@pytest.mark.parametrize(
    "port", ["", "0", "22", "25", "80", "444", "6379", "8443", "65536", "99999", "443443", "0443"]
)
def test_ports_other_than_443_are_refused(port):
    assert cause_of(f"https://example.com:{port}/") == "bad_url"


@pytest.mark.parametrize(
    "port", ["-1", "+443", "4 43", "443a", "\uff14\uff14\uff13", "\u0664", "443:443"]
)
def test_a_port_is_digits(port):
    assert cause_of(f"https://example.com:{port}/") == "bad_url"


def test_listed_ports_are_called(settings):
    settings.EGRESS_ALLOW_PORTS = [8443]
    assert parse("https://example.com:8443/").port == 8443
    assert cause_of("https://example.com:8444/") == "bad_url"
    assert cause_of("http://example.com:8443/") == "bad_url"


def test_plain_http_is_for_listed_hosts_on_any_port(settings):
    assert cause_of("http://intranet.example/") == "bad_url"
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["Intranet.example"]
    assert parse("http://intranet.example/").port == 80
    assert parse("http://INTRANET.example.:8080/").port == 8080
    assert cause_of("http://sub.intranet.example/") == "bad_url"
    assert cause_of("http://intranet.example:0/") == "bad_url"
    assert cause_of("http://intranet.example:65536/") == "bad_url"
    assert cause_of("https://intranet.example:8080/") == "bad_url"


def test_length_is_bounded():
    assert parse(LONG + "a" * (2048 - len(LONG))).path_and_query
    assert cause_of(LONG + "a" * (2049 - len(LONG))) == "bad_url"


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "017700000001", "0x7f000001", "0x7F.1", "127.1", "127.0.1", "0177.0.0.1"),
        *("0x7f.0.0.1", "127.0.0.0x1", "127.0.0.01", "00000127.0.0.1", "127.0.0.1.1", "256.1.1.1"),
        *("1", "0", "0x", "127.0.0.1..", "4294967296", "1.2.3.4.5", "127.0.0.\u0661", "a.0x7f"),
        *("%31%32%37.0.0.1", "127%2e0.0.1", "127.0.0.1%00"),
        *(
            "[::1%25eth0]",
            "[::1%eth0]",
            "[fe80::1%25eth0]",
            "[::1",
            "::1",
            "[]",
            "[::1]]",
            "[127.0.0.1]",
        ),
        *("[v1.example]", "[::1].example", "[:::1]", "[::00001]", "[1::2::3]", "[::ffff:127.1]"),
        *(
            "-a.example",
            "a-.example",
            "a..example",
            ".example",
            ".",
            "..",
            "exa*mple",
            "a,b",
            "a;b",
        ),
        *("exam!ple.com", "a" * 64 + ".example", ".".join(["a" * 60] * 5), "\u2100.example"),
        *("xn--\u00fc.example", "exa'mple", 'exa"mple', "<example>", "$HOME", "{host}", "a|b"),
    ],
    ids=ascii,
)
def test_hosts_that_could_be_read_in_two_ways_are_refused(host):
    assert cause_of(f"https://{host}/") == "bad_url"


@pytest.mark.parametrize(
    ("host", "read_as"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("example.com.", "example.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("\uff11\uff12\uff17.0.0.1", "127.0.0.1"),
        ("\u2460\u2461\u2466.0.0.1", "127.0.0.1"),
        ("127\u30020\u30020\u30021", "127.0.0.1"),
        ("\uff4c\uff4f\uff43\uff41\uff4chost", "localhost"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("[::FFFF:127.0.0.1]", "::ffff:7f00:1"),
        ("[::127.0.0.1]", "::7f00:1"),
        ("my_service", "my_service"),
        ("1password.example", "1password.example"),
        ("1.2.3.example", "1.2.3.example"),
        ("a--b.example", "a--b.example"),
    ],
    ids=ascii,
)
def test_hosts_have_one_spelling(host, read_as):
    found = normal_host(host)
    assert found in (read_as, "::ffff:127.0.0.1" if "FFFF" in host else read_as)
    assert parse(f"https://{host}/").host == found


def test_a_url_is_read_into_its_parts():
    assert parse("HTTPS://Example.com:443/a%2Fb/../c;d?e=f&g=%20#secret") == Target(
        scheme="https", host="example.com", port=443, path_and_query="/a%2Fb/../c;d?e=f&g=%20"
    )
    assert parse("https://example.com").path_and_query == "/"
    assert parse("https://example.com?a=b").path_and_query == "/?a=b"
    assert parse("https://example.com#/@127.0.0.1").host == "example.com"
    assert parse("https://example.com/\u00fc?\u00e9").path_and_query == "/%C3%BC?%C3%A9"
    assert parse("https://example.com/a@b:c").path_and_query == "/a@b:c"


@pytest.mark.parametrize(
    ("scheme", "host", "port", "authority"),
    [
        ("https", "example.com", 443, "example.com"),
        ("https", "example.com", 8443, "example.com:8443"),
        ("http", "localhost", 80, "localhost"),
        ("http", "localhost", 443, "localhost:443"),
        ("https", "2606:4700::1111", 443, "[2606:4700::1111]"),
        ("https", "2606:4700::1111", 8443, "[2606:4700::1111]:8443"),
    ],
)
def test_host_header(scheme, host, port, authority):
    assert Target(scheme=scheme, host=host, port=port).authority == authority


@given(text())
def test_whatever_is_written_is_read_or_refused(written):
    for url in (written, f"https://{written}", f"https://{written}.example/{written}"):
        target = read(url)
        if target:
            again = parse(f"https://{target.authority}{target.path_and_query}")
            assert (again.host, again.port) == (target.host, target.port)


@given(from_regex(r"https?://[0-9a-fx.\[\]:%@\uff10-\uff19\u3002]{1,40}(/.*)?", fullmatch=True))
def test_hosts_of_digits_are_addresses_or_refused(url):
    target = read(url)
    if target:
        assert target.host.isascii()
        assert is_address(target.host) or not target.host.rpartition(".")[2].isdigit()


def read(url):
    """Any other error than a refusal is a failure."""
    try:
        return parse(url)
    except EgressError:
        return None


def cause_of(url):
    with pytest.raises(EgressError) as caught:
        parse(url)
    return caught.value.cause
