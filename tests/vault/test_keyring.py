"""The keyring: what it reads, what it refuses, and that no refusal shows a key."""

import base64
import copy
import hashlib
import hmac
import os
import pickle
import re
import traceback

import pytest

from connections.vault import (
    KEY_PROVIDERS,
    DecryptionFailed,
    Keyring,
    KeyringError,
    UnknownKeyVersion,
    VaultError,
    new_key,
)

RAW = b"\xfb\xef\xbe" + bytes(range(29))
OLD_RAW = b"\xff" + bytes(range(31))
KEY = base64.b64encode(RAW).decode()
OLD_KEY = base64.b64encode(OLD_RAW).decode()
BOTH = f"v2:{KEY},v1:{OLD_KEY}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BOTH, id="as documented"),
        pytest.param(f" v2:{KEY} , v1:{OLD_KEY} ", id="spaces"),
        pytest.param(f"v2:{KEY}\nv1:{OLD_KEY}\n", id="lines"),
        pytest.param(f"v2:{KEY},\r\n\r\nv1:{OLD_KEY}\r\n", id="commas and lines"),
        pytest.param(BOTH.replace("=", ""), id="without padding"),
        pytest.param(BOTH.replace("+", "-").replace("/", "_"), id="URL-safe"),
    ],
)
def test_keyring_is_read_newest_first(text):
    keyring = Keyring.parse(text)
    assert keyring.current_version == "v2"
    assert keyring.fingerprints() == {"v2": fingerprint(RAW), "v1": fingerprint(OLD_RAW)}
    assert list(keyring.fingerprints()) == ["v2", "v1"]


def fingerprint(key):
    return hmac.new(key, b"mielto key fingerprint", hashlib.sha256).hexdigest()[:16]


def of_size(size):
    return base64.b64encode(os.urandom(size)).decode()


REFUSALS = [
    pytest.param("", "The keyring is empty", id="empty"),
    pytest.param(" \n, ,\n", "The keyring is empty", id="blank"),
    pytest.param(KEY, "entry 1 is not of the form version:base64", id="no version"),
    pytest.param(f"v2:{KEY},{OLD_KEY}", "entry 2 is not of the form", id="second without version"),
    pytest.param(f"{KEY}:v1", "version of keyring entry 1 must be", id="swapped"),
    pytest.param(f":{KEY}", "version of keyring entry 1 must be", id="blank version"),
    pytest.param(f"V1:{KEY}", "version of keyring entry 1 must be", id="upper case"),
    pytest.param(f"v-1:{KEY}", "version of keyring entry 1 must be", id="hyphen"),
    pytest.param(f"vé:{KEY}", "version of keyring entry 1 must be", id="not ASCII"),
    pytest.param(f"{'v' * 17}:{KEY}", "version of keyring entry 1 must be", id="17 letters"),
    pytest.param(f"# newest\nv1:{KEY}", "entry 1 is not of the form", id="comment"),
    pytest.param(f"#v1:{KEY}", "version of keyring entry 1 must be", id="commented out"),
    pytest.param(f"v1:{KEY},v1:{OLD_KEY}", "entry 2 repeats the version", id="version twice"),
    pytest.param(f"v2:{KEY},v1:{KEY}", "entry 2 repeats the key", id="key twice"),
    pytest.param("v1:", "entry 1 must be 32 bytes; it is 0", id="no key"),
    pytest.param(f"v1:{of_size(16)}", "entry 1 must be 32 bytes; it is 16", id="16 bytes"),
    pytest.param(f"v1:{of_size(31)}", "entry 1 must be 32 bytes; it is 31", id="31 bytes"),
    pytest.param(f"v1:{of_size(33)}", "entry 1 must be 32 bytes; it is 33", id="33 bytes"),
    pytest.param(f"v1:{RAW.hex()}", "entry 1 must be 32 bytes; it is 48", id="hex"),
    pytest.param(f"v1:{KEY[:20]}!{KEY[21:]}", "entry 1 is not base64", id="foreign character"),
    pytest.param(f"v1:{KEY[:20]} {KEY[20:]}", "entry 1 is not base64", id="space inside"),
    pytest.param(f"v1:{KEY[:20]}={KEY[20:]}", "entry 1 is not base64", id="padding inside"),
    pytest.param(f"v1:{KEY[:20]}é{KEY[21:]}", "entry 1 is not base64", id="accent"),
    pytest.param(f"v1:{KEY[:41]}", "entry 1 is not base64", id="cut short"),
    pytest.param(f"v1:{KEY}:v2", "entry 1 is not base64", id="two colons"),
    pytest.param(f"v1:{'A' * 43}=", "entry 1 repeats one byte", id="zeros"),
    pytest.param(f"v1:{'_' * 42}8=", "entry 1 repeats one byte", id="all 0xff"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSALS)
def test_unusable_keyring_is_refused_with_a_sentence_that_shows_no_key(text, sentence):
    with pytest.raises(KeyringError, match=sentence) as caught:
        Keyring.parse(text)
    error = caught.value
    message = str(error)
    assert message.endswith(".")
    assert "\n" not in message
    assert error.__cause__ is error.__context__ is None
    shown = "".join(traceback.format_exception_only(error))
    assert all(part not in shown for part in secret_parts(text))


def secret_parts(text):
    """Every run of 6 characters of what stands in for a key, and the bytes behind it."""
    encoded = [piece for piece in re.split(r"[,:\n]", text) if len(piece) > 16]
    raw = [RAW.hex(), OLD_RAW.hex(), repr(RAW), repr(OLD_RAW), repr(RAW)[2:12]]
    return raw + [piece[at : at + 6] for piece in encoded for at in range(len(piece) - 5)]


def test_search_for_secrets_would_find_one():
    assert any(part in f"Keyring entry {KEY} is wrong." for part in secret_parts(f"v1:{KEY}"))


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param("{}".format, id="format"),
        pytest.param("{0!a}".format, id="ascii"),
    ],
)
def test_shown_keyring_has_versions_only(show):
    assert show(Keyring.parse(BOTH)) == "Keyring(versions=['v2', 'v1'])"


@pytest.mark.parametrize(
    "carry_off",
    [
        pytest.param(pickle.dumps, id="pickle"),
        pytest.param(lambda keyring: pickle.dumps([{"keys": keyring}], protocol=0), id="nested"),
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(vars, id="vars"),
    ],
)
def test_keyring_does_not_leave_the_process(carry_off):
    with pytest.raises(TypeError) as caught:
        carry_off(Keyring.parse(BOTH))
    assert all(part not in str(caught.value) for part in secret_parts(BOTH))


def test_wrapped_key_unwraps_and_differs_each_time():
    keyring = Keyring.parse(BOTH)
    first, second = keyring.wrap(b"workspace key", b"ctx"), keyring.wrap(b"workspace key", b"ctx")
    assert first != second
    assert len(first) == len(b"workspace key") + 28
    assert b"workspace key" not in first
    assert keyring.unwrap(first, "v2", b"ctx") == b"workspace key"
    assert keyring.unwrap(memoryview(second), "v2", b"ctx") == b"workspace key"


def test_older_version_still_unwraps_after_a_new_one_came():
    wrapped = Keyring.parse(f"v1:{OLD_KEY}").wrap(b"workspace key", b"ctx")
    assert Keyring.parse(BOTH).unwrap(wrapped, "v1", b"ctx") == b"workspace key"


@pytest.mark.parametrize(
    ("version", "context", "change", "error"),
    [
        pytest.param("v2", b"other", bytes, DecryptionFailed, id="other context"),
        pytest.param("v1", b"ctx", bytes, DecryptionFailed, id="other version"),
        pytest.param("v3", b"ctx", bytes, UnknownKeyVersion, id="unknown version"),
        pytest.param("", b"ctx", bytes, UnknownKeyVersion, id="no version"),
        pytest.param("v2", b"ctx", lambda wrapped: wrapped[:-1], DecryptionFailed, id="cut short"),
        pytest.param("v2", b"ctx", lambda _: b"", DecryptionFailed, id="empty"),
        pytest.param(
            "v2", b"ctx", lambda it: bytes([it[0] ^ 1]) + it[1:], DecryptionFailed, id="flipped"
        ),
    ],
)
def test_wrapped_key_that_does_not_fit_is_refused(version, context, change, error):
    keyring = Keyring.parse(BOTH)
    wrapped = keyring.wrap(b"workspace key", b"ctx")
    with pytest.raises(error):
        keyring.unwrap(change(wrapped), version, context)


def test_same_key_under_another_version_name_does_not_unwrap():
    wrapped = Keyring.parse(f"v1:{KEY}").wrap(b"workspace key", b"ctx")
    with pytest.raises(DecryptionFailed):
        Keyring.parse(f"v9:{KEY}").unwrap(wrapped, "v9", b"ctx")


def test_new_keys_are_random_and_fit_a_keyring():
    first, second = new_key(), new_key()
    assert first != second
    assert len(base64.b64decode(first, validate=True)) == 32
    assert Keyring.parse(f"v2:{first},v1:{second}").current_version == "v2"


@pytest.fixture
def keyring_file(tmp_path):
    path = tmp_path / "keyring"
    path.write_text(f"v2:{KEY}\nv1:{OLD_KEY}\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700], ids=oct)
def test_file_of_its_owner_is_read(keyring_file, mode):
    keyring_file.chmod(mode)
    assert list(Keyring.from_file(keyring_file).fingerprints()) == ["v2", "v1"]
    assert list(Keyring.from_file(str(keyring_file)).fingerprints()) == ["v2", "v1"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o602, 0o666], ids=oct)
def test_file_that_others_may_touch_is_refused(keyring_file, mode):
    keyring_file.chmod(mode)
    with pytest.raises(KeyringError) as caught:
        Keyring.from_file(keyring_file)
    path = keyring_file
    assert str(caught.value) == f"Keyring file {path} is open to others: run chmod 600 on it."


def test_link_does_not_hide_the_mode_of_its_file(keyring_file, tmp_path):
    keyring_file.chmod(0o644)
    link = tmp_path / "link"
    link.symlink_to(keyring_file)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.from_file(link)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "The keyring is empty", id="empty"),
        pytest.param(f"# keys\nv1:{KEY}".encode(), "entry 1 is not of the form", id="comment"),
        pytest.param(b"\xef\xbb\xbfv1:" + KEY.encode(), "version of keyring entry 1", id="BOM"),
        pytest.param(b"v1:" + RAW, "entry 1 (is not base64|is not of)", id="raw bytes"),
        pytest.param(f"v1:{KEY}".encode("utf-16"), "version of keyring entry 1", id="UTF-16"),
        pytest.param(b"\n" * 70_000, "too large to be a keyring", id="70 KB"),
    ],
)
def test_file_with_other_content_is_refused(keyring_file, content, sentence):
    keyring_file.write_bytes(content)
    with pytest.raises(KeyringError, match=sentence) as caught:
        Keyring.from_file(keyring_file)
    assert all(part not in str(caught.value) for part in secret_parts(f"v1:{KEY}"))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["missing", "."], ids=["missing", "folder"])
def test_file_that_cannot_be_read_is_named(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(KeyringError, match="cannot be read") as caught:
        Keyring.from_file(path)
    assert str(path) in str(caught.value)


def test_providers_are_found_by_name_and_unknown_ones_raise():
    assert KEY_PROVIDERS["keyring"] is Keyring
    with pytest.raises(KeyError):
        KEY_PROVIDERS["aws"]


@pytest.mark.parametrize("error", [KeyringError, DecryptionFailed, UnknownKeyVersion])
def test_every_failure_is_a_vault_error(error):
    assert issubclass(error, VaultError)
