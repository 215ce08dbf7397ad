"""The envelope: what opens, what does not, and that the format stays what it is."""

import pickle
import struct
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connections.vault import (
    Context,
    DecryptionFailed,
    UnknownKeyVersion,
    VaultError,
    key_version_of,
    open_sealed,
    rewrap,
    seal,
)

KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
WORKSPACE = UUID("01890000-0000-7000-8000-000000000001")
ROW = UUID("01890000-0000-7000-8000-000000000002")
ELSEWHERE = UUID("01890000-0000-7000-8000-000000000003")
PLACE = Context(WORKSPACE, ROW, "credentials")
PLAINTEXT = b"sk-canary"
OVERHEAD = 93


def sealed(plaintext=PLAINTEXT, *, key=KEY, key_version=7, context=PLACE):
    return seal(plaintext, key=key, key_version=key_version, context=context)


def opened(value, *, key=KEY, context=PLACE):
    return open_sealed(value, key_for=lambda _version: key, context=context)


@pytest.mark.parametrize(
    "size", [0, 1, 15, 16, 17, 1024, 65_536, 1024 * 1024], ids=lambda size: f"{size} bytes"
)
def test_value_opens_again_and_is_93_bytes_longer(size):
    plaintext = bytes(index % 251 for index in range(size))
    value = sealed(plaintext)
    assert len(value) == size + OVERHEAD
    assert opened(value) == plaintext


def test_value_opens_from_the_memoryview_of_a_database_driver():
    value = memoryview(sealed())
    assert opened(value) == PLAINTEXT
    assert key_version_of(value) == 7
    again = rewrap(value, old_key=KEY, new_key=OTHER_KEY, new_version=8, context=PLACE)
    assert opened(again, key=OTHER_KEY) == PLAINTEXT


def test_two_seals_share_nothing_but_the_header():
    first, second = sealed(), sealed()
    assert first[:5] == second[:5] == b"\x01\x00\x00\x00\x07"
    for start, end in ((5, 17), (17, 65), (65, 77), (77, len(first))):
        assert first[start:end] != second[start:end]


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(PLACE._replace(workspace_id=ELSEWHERE), id="other workspace"),
        pytest.param(PLACE._replace(row_id=ELSEWHERE), id="other row"),
        pytest.param(PLACE._replace(field="config"), id="other field"),
        pytest.param(PLACE._replace(field="credentials "), id="field with a space more"),
        pytest.param(Context(ROW, WORKSPACE, "credentials"), id="workspace and row swapped"),
    ],
)
def test_moved_value_does_not_open(context):
    value = sealed()
    with pytest.raises(DecryptionFailed):
        opened(value, context=context)
    with pytest.raises(DecryptionFailed):
        rewrap(value, old_key=KEY, new_key=OTHER_KEY, new_version=8, context=context)


def test_value_under_a_rewrapped_head_of_another_place_does_not_open():
    """The ciphertext is tied to its place on its own, not only through the wrapped data key."""
    value, there = sealed(), PLACE._replace(field="config")
    wrapped = AESGCM(KEY).encrypt(value[5:17], data_key_of(value), wrap_data(value[:5], there))
    with pytest.raises(DecryptionFailed):
        opened(value[:17] + wrapped + value[65:], context=there)


@pytest.mark.parametrize("position", range(len(PLAINTEXT) + OVERHEAD))
def test_value_with_one_bit_flipped_does_not_open(position):
    value = bytearray(sealed())
    value[position] ^= 1
    with pytest.raises(DecryptionFailed):
        opened(bytes(value))


@pytest.mark.parametrize("length", [*range(len(PLAINTEXT) + OVERHEAD)])
def test_truncated_value_does_not_open(length):
    with pytest.raises(DecryptionFailed):
        opened(sealed()[:length])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"access_token": "' + b"x" * 100 + b'"}', id="plain JSON"),
        pytest.param(b"gAAAAA" + b"A" * 200, id="Fernet"),
        pytest.param(b"\x00" * 200, id="zeros"),
        pytest.param(b"\x02" + sealed()[1:], id="a format of the future"),
        pytest.param(sealed() + b"\x00", id="one byte more"),
        pytest.param(sealed() * 2, id="twice"),
    ],
)
def test_foreign_value_does_not_open(value):
    with pytest.raises(DecryptionFailed):
        opened(value)


@pytest.mark.parametrize(
    "value", [b"", b"\x02" + sealed()[1:], sealed()[:92]], ids=["empty", "future", "truncated"]
)
def test_foreign_value_has_no_version_and_asks_for_no_key(value):
    asked = []
    with pytest.raises(DecryptionFailed):
        key_version_of(value)
    with pytest.raises(DecryptionFailed):
        open_sealed(value, key_for=asked.append, context=PLACE)
    assert asked == []


def test_wrong_key_does_not_open():
    with pytest.raises(DecryptionFailed):
        opened(sealed(), key=OTHER_KEY)


@pytest.mark.parametrize("error", [KeyError, UnknownKeyVersion], ids=lambda error: error.__name__)
def test_unknown_version_is_named(error):
    def nobody_knows(version):
        raise error(version)

    with pytest.raises(UnknownKeyVersion, match=r"^Key version 7 is not available\.$") as caught:
        open_sealed(sealed(), key_for=nobody_knows, context=PLACE)
    assert caught.value.version == 7


def test_header_names_the_one_key_that_is_tried():
    """The right key lies beside the one that the header names, and stays untouched."""
    keys, asked = {7: KEY, 8: OTHER_KEY}, []

    def key_for(version):
        asked.append(version)
        return keys[version]

    value = sealed()
    renamed = struct.pack(">BI", 1, 8) + value[5:]
    with pytest.raises(DecryptionFailed):
        open_sealed(renamed, key_for=key_for, context=PLACE)
    assert asked == [8]


def test_version_in_the_header_is_authentic():
    """Both versions have the same key, and still one does not pass for the other."""
    with pytest.raises(DecryptionFailed):
        opened(struct.pack(">BI", 1, 8) + sealed()[5:])


@pytest.mark.parametrize("version", [0, 1, 7, 2**32 - 1])
def test_version_is_read_from_the_header(version):
    assert key_version_of(sealed(key_version=version)) == version


@pytest.mark.parametrize("version", [-1, 2**32], ids=["negative", "33 bits"])
def test_version_that_does_not_fit_is_refused(version):
    with pytest.raises(VaultError, match="four bytes"):
        sealed(key_version=version)


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33])
def test_key_of_another_length_is_refused(size):
    short = b"k" * size
    with pytest.raises(VaultError, match="32 bytes"):
        sealed(key=short)
    with pytest.raises(VaultError, match="32 bytes"):
        opened(sealed(), key=short)


def test_rewrap_changes_the_head_and_keeps_the_ciphertext():
    value = sealed()
    again = rewrap(value, old_key=KEY, new_key=OTHER_KEY, new_version=8, context=PLACE)
    assert key_version_of(again) == 8
    assert again[65:] == value[65:]
    assert opened(again, key=OTHER_KEY) == PLAINTEXT
    with pytest.raises(DecryptionFailed):
        opened(again, key=KEY)


@pytest.mark.parametrize(
    "value", [b"", sealed()[:92], b"\x02" + sealed()[1:]], ids=["empty", "truncated", "foreign"]
)
def test_rewrap_refuses_what_is_no_value(value):
    with pytest.raises(DecryptionFailed):
        rewrap(value, old_key=KEY, new_key=OTHER_KEY, new_version=8, context=PLACE)


def test_rewrap_with_the_wrong_key_is_refused():
    with pytest.raises(DecryptionFailed):
        rewrap(sealed(), old_key=OTHER_KEY, new_key=KEY, new_version=8, context=PLACE)


def place_data(context):
    return b"\x01" + context.workspace_id.bytes + context.row_id.bytes + context.field.encode()


def wrap_data(header, context):
    return b"mielto data key\0" + header + place_data(context)


def test_value_built_by_hand_opens():
    header, data_key = b"\x01\x00\x00\x01\x02", b"d" * 32
    wrapped = AESGCM(KEY).encrypt(b"nonce wraps.", data_key, wrap_data(header, PLACE))
    text = AESGCM(data_key).encrypt(b"nonce seals.", b"by hand", place_data(PLACE))
    value = header + b"nonce wraps." + wrapped + b"nonce seals." + text
    assert key_version_of(value) == 258
    assert opened(value) == b"by hand"


def test_value_that_was_sealed_long_ago_opens():
    """Stored values outlive the code: this one must open for ever."""
    value = bytes.fromhex(STORED_VALUE)
    assert opened(value) == b"known answer"


def data_key_of(value):
    return AESGCM(KEY).decrypt(value[5:17], value[17:65], wrap_data(value[:5], PLACE))


def test_sealed_value_comes_apart_by_hand():
    value = sealed()
    cipher = AESGCM(data_key_of(value))
    assert cipher.decrypt(value[65:77], value[77:], place_data(PLACE)) == PLAINTEXT


def test_every_value_has_a_data_key_of_its_own():
    keys = {data_key_of(sealed()) for _ in range(20)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 20


def test_places_are_told_apart_by_their_bytes():
    ids = (WORKSPACE, ROW, ELSEWHERE)
    fields = ("", "a", "ab", "b", "é")
    places = [Context(one, two, field) for one in ids for two in ids for field in fields]
    assert len({place.associated_data() for place in places}) == len(places)


def test_failures_say_nothing():
    with pytest.raises(DecryptionFailed) as caught:
        opened(sealed(), key=OTHER_KEY)
    error = caught.value
    assert str(error) == "A stored value could not be decrypted."
    assert repr(error) == "DecryptionFailed('A stored value could not be decrypted.')"
    assert vars(error) == {}
    assert error.__cause__ is None
    assert PLAINTEXT not in sealed()
    assert PLAINTEXT not in pickle.dumps(error.args)


STORED_VALUE = """
0100000003b9d53687d72fd738f61ebb98169c696a300f7bcc435bf7272293954ccc6f1ac597e310
a7498b1cd530e566f489c2fac38c7c05dfdcd36e8cbf63c2276cf15c37aebe7ea4e26526cf82a334
8ab5bcd410be66bb92ed0f29299367695fceb5797c68798019
"""
