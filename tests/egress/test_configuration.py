"""Entries of the operator's lists that open nothing are named at the start."""

import pytest

from connections.egress import configuration_problems


def test_as_it_is_installed_nothing_is_wrong():
    assert configuration_problems() == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("EGRESS_ALLOW_CIDRS", ["10.0.0.0/8", "fd00::/8", "10.1.2.3", "::1"]),
        ("EGRESS_ALLOW_HTTP_HOSTS", ["127.0.0.1", "localhost", "Intranet.example", "::1"]),
        ("EGRESS_ALLOW_PORTS", [80, 8443]),
    ],
)
def test_good_entries_are_not_named(settings, setting, value):
    setattr(settings, setting, value)
    assert configuration_problems() == []


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        ("EGRESS_ALLOW_CIDRS", "10.0.0.0/8", "10.0.0.1/8"),
        ("EGRESS_ALLOW_CIDRS", "10.0.0.0/8", "*"),
        ("EGRESS_ALLOW_HTTP_HOSTS", "localhost", "http://localhost"),
        ("EGRESS_ALLOW_HTTP_HOSTS", "localhost", "localhost:8080"),
        ("EGRESS_ALLOW_HTTP_HOSTS", "localhost", "127.1"),
        ("EGRESS_ALLOW_HTTP_HOSTS", "localhost", "*.example"),
        ("EGRESS_ALLOW_HTTP_HOSTS", "localhost", "localhost."),
        ("EGRESS_ALLOW_PORTS", 443, 0),
        ("EGRESS_ALLOW_PORTS", 443, 65536),
    ],
)
def test_bad_entries_are_named(settings, setting, good, bad):
    setattr(settings, setting, [good, bad])
    [line] = configuration_problems()
    assert line.startswith(f"{setting}: ")
    assert str(bad) in line


def test_an_authority_file_that_cannot_be_read_is_named(settings, tmp_path):
    settings.EGRESS_CA_FILE = str(tmp_path / "missing.pem")
    [line] = configuration_problems()
    assert line.startswith("EGRESS_CA_FILE: ")
