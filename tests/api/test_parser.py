"""The strict parser: what it lets through, what it refuses, and with which code."""

import io
import json
import math
from types import SimpleNamespace

import pytest
from django.http import UnreadablePostError
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView, exception_handler

from connections.api.parser import (
    MAX_BODY_BYTES,
    BodyTooLarge,
    MalformedBody,
    StrictJSONParser,
    parse_strict,
)


def nested(levels, opening=b'{"a":', closing=b"}", core=b"1"):
    return opening * levels + core + closing * levels


def nested_lists(levels):
    """The outermost level is the object that every body is."""
    return b'{"a":' + nested(levels - 1, b"[", b"]") + b"}"


ACCEPTED = [
    pytest.param(b"{}", {}, id="empty object"),
    pytest.param(b' \t\r\n{"a": 1}\r\n ', {"a": 1}, id="white space around"),
    pytest.param(b'{"": ""}', {"": ""}, id="empty key"),
    pytest.param(b'{"a":{"b":1},"c":{"b":2}}', {"a": {"b": 1}, "c": {"b": 2}}, id="key of another"),
    pytest.param(b'{"a":[true,false,null]}', {"a": [True, False, None]}, id="constants"),
    pytest.param(b'{"a":0,"b":-7}', {"a": 0, "b": -7}, id="whole numbers"),
    pytest.param(b'{"a":9223372036854775808}', {"a": 2**63}, id="2^63"),
    pytest.param(b'{"a":1' + b"0" * 30 + b"}", {"a": 10**30}, id="10^30"),
    pytest.param(b'{"a":-' + b"9" * 308 + b"}", {"a": 1 - 10**308}, id="308 digits"),
    pytest.param(b'{"a":1.5,"b":1e3}', {"a": 1.5, "b": 1000.0}, id="floats"),
    pytest.param(b'{"a":1e308,"b":1e-999}', {"a": 1e308, "b": 0.0}, id="extreme floats"),
    pytest.param('{"a":"é😀e\u0301"}'.encode(), {"a": "é😀e\u0301"}, id="raw Unicode"),
    pytest.param(rb'{"a":"\u00e9\ud83d\ude00"}', {"a": "é😀"}, id="escaped Unicode"),
    pytest.param(rb'{"\ud83d\ude00":1}', {"😀": 1}, id="surrogate pair in a key"),
    pytest.param(rb'{"a":"\\u0000 \\ud800"}', {"a": r"\u0000 \ud800"}, id="escaped backslash"),
    pytest.param(rb'{"a":"\u0001\n\t"}', {"a": "\x01\n\t"}, id="escaped control characters"),
    pytest.param('{"a":"\ufeff"}'.encode(), {"a": "\ufeff"}, id="BOM inside"),
    pytest.param(b'{"a":"NaN","b":"1e999"}', {"a": "NaN", "b": "1e999"}, id="words in texts"),
    pytest.param(b'{"a":"' + b"[{" * 50 + b'"}', {"a": "[{" * 50}, id="brackets in a text"),
    pytest.param(b'{"a":[' + b"{}," * 99 + b"{}]}", {"a": [{}] * 100}, id="many, not deep"),
]


@pytest.mark.parametrize(("body", "value"), ACCEPTED)
def test_sound_body_is_read(body, value):
    parsed = parse_strict(body)
    assert repr(parsed) == repr(value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(nested(32), id="objects"),
        pytest.param(nested_lists(32), id="lists in an object"),
        pytest.param(b'{"b":[{},{}],"a":' + nested(31) + b"}", id="with more beside"),
        pytest.param(b'{"b":"[[{{","a":' + nested_lists(31) + b"}", id="with brackets in a text"),
    ],
)
def test_nesting_of_32_is_read(body):
    assert parse_strict(body) == json.loads(body)


def test_minus_zero_is_no_whole_number():
    value = parse_strict(b'{"a":-0}')["a"]
    assert isinstance(value, float)
    assert math.copysign(1, value) == -1


OBJECT = "The body must be a JSON object."
EMPTY = "The body is empty: send a JSON object."
MARK = "The body must not start with a byte order mark."
UTF8 = "The body must be UTF-8."
SYNTAX = "The body is not valid JSON at line "
TWICE = "An object in the body names the same member twice."
CONSTANT = "NaN and Infinity are not JSON."
LARGE = "A number in the body is too large."
DEEP = "The body is nested more than 32 levels deep."
UNSTORABLE = "A text in the body holds a NUL or half of a surrogate pair."

REFUSED = [
    pytest.param(b"", EMPTY, id="empty"),
    pytest.param(b" \n", SYNTAX, id="white space"),
    pytest.param(b"[1]", OBJECT, id="list"),
    pytest.param(b'"x"', OBJECT, id="text"),
    pytest.param(b"5", OBJECT, id="number"),
    pytest.param(b"null", OBJECT, id="null"),
    pytest.param(b"true", OBJECT, id="true"),
    # Truncated, or not JSON at all
    pytest.param(b"{", SYNTAX, id="brace only"),
    pytest.param(b'{"a"', SYNTAX, id="cut after key"),
    pytest.param(b'{"a":', SYNTAX, id="cut after colon"),
    pytest.param(b'{"a":"canary', SYNTAX, id="cut in text"),
    pytest.param(b'{"a":"canary\\', SYNTAX, id="cut in escape"),
    pytest.param(b'{"a":"\\ud8', SYNTAX, id="cut in Unicode escape"),
    pytest.param(b'{"a":1', SYNTAX, id="cut after value"),
    pytest.param(b'{"a":tru', SYNTAX, id="cut in constant"),
    pytest.param(b'{"a":1}}', SYNTAX, id="brace too many"),
    pytest.param(b'{"a":1}{"a":1}', SYNTAX, id="two objects"),
    pytest.param(b'{"a":1,}', SYNTAX, id="trailing comma"),
    pytest.param(b'{"a":[1,]}', SYNTAX, id="trailing comma in list"),
    pytest.param(b"{'a':1}", SYNTAX, id="single quotes"),
    pytest.param(b"{a:1}", SYNTAX, id="bare key"),
    pytest.param(b'{1:"a"}', SYNTAX, id="number as key"),
    pytest.param(b'{"a":1}//', SYNTAX, id="comment"),
    pytest.param(b'{"a":1}\0', SYNTAX, id="NUL after the end"),
    pytest.param(b'{"a":01}', SYNTAX, id="leading zero"),
    pytest.param(b'{"a":0x10}', SYNTAX, id="hexadecimal"),
    pytest.param(b'{"a":+7}', SYNTAX, id="plus sign"),
    pytest.param(b'{"a":.5}', SYNTAX, id="no digit before the point"),
    pytest.param(b'{"a":1.}', SYNTAX, id="no digit after the point"),
    pytest.param(b'{"a":1_000}', SYNTAX, id="underscore"),
    pytest.param('{"a":٧}'.encode(), SYNTAX, id="Arabic digit"),
    pytest.param(rb'{"a":"\x41"}', SYNTAX, id="unknown escape"),
    pytest.param(rb'{"a":"\u12g4"}', SYNTAX, id="malformed Unicode escape"),
    pytest.param(rb'{"a":"\u +41"}', SYNTAX, id="signed Unicode escape"),
    pytest.param('\xa0{"a":1}'.encode(), SYNTAX, id="no-break space"),
    pytest.param(b"a=1&b=2", SYNTAX, id="form"),
    # Not UTF-8
    pytest.param(b'\xef\xbb\xbf{"a":1}', MARK, id="BOM"),
    pytest.param(b"\xef\xbb\xbf", MARK, id="BOM only"),
    pytest.param('{"a":1}'.encode("utf-16"), UTF8, id="UTF-16 with BOM"),
    pytest.param('{"a":1}'.encode("utf-16-le"), SYNTAX, id="UTF-16"),
    pytest.param('{"a":1}'.encode("utf-32-be"), SYNTAX, id="UTF-32"),
    pytest.param(b'{"a":"\xff"}', UTF8, id="invalid byte"),
    pytest.param(b'{"a":"\xc3"}', UTF8, id="half a character"),
    pytest.param(b'{"a":"\xc0\x80"}', UTF8, id="overlong NUL"),
    pytest.param(b'{"a":"\xed\xa0\x80"}', UTF8, id="raw surrogate"),
    pytest.param(b'{"a":"\xf4\x90\x80\x80"}', UTF8, id="past the last character"),
    pytest.param('{"a":"é"}'.encode("latin-1"), UTF8, id="Latin-1"),
    # Duplicate keys
    pytest.param(b'{"name":"a","name":"b"}', TWICE, id="key twice"),
    pytest.param(b'{"name":"a","name":"a"}', TWICE, id="same member twice"),
    pytest.param(b'{"a":{"b":{"c":1,"c":2}}}', TWICE, id="key twice, nested"),
    pytest.param(b'{"a":[0,[{"c":1,"d":3,"c":2}]]}', TWICE, id="key twice, in a list"),
    pytest.param(rb'{"a":1,"\u0061":2}', TWICE, id="key twice, once escaped"),
    # Numbers
    pytest.param(b'{"a":NaN}', CONSTANT, id="NaN"),
    pytest.param(b'{"a":Infinity}', CONSTANT, id="Infinity"),
    pytest.param(b'{"a":[{"b":-Infinity}]}', CONSTANT, id="-Infinity"),
    pytest.param(b"NaN", CONSTANT, id="NaN alone"),
    pytest.param(b'{"a":1e999}', LARGE, id="1e999"),
    pytest.param(b'{"a":[-1e999]}', LARGE, id="-1e999"),
    pytest.param(b'{"a":1e' + b"9" * 5000 + b"}", LARGE, id="exponent of 5,000 digits"),
    pytest.param(b'{"a":' + b"9" * 309 + b"}", LARGE, id="309 digits"),
    pytest.param(b'{"a":' + b"9" * 5000 + b"}", LARGE, id="5,000 digits"),
    pytest.param(b'{"a":-' + b"9" * 5000 + b"}", LARGE, id="5,000 digits, negative"),
    pytest.param(b'{"a":' + b"9" * 1_000_000 + b"}", LARGE, id="1,000,000 digits"),
    # Text that cannot be stored
    pytest.param(b'{"a":"b\0c"}', SYNTAX, id="raw NUL in a value"),
    pytest.param(b'{"b\0c":1}', SYNTAX, id="raw NUL in a key"),
    pytest.param(b'{"a":"b\nc"}', SYNTAX, id="raw newline"),
    pytest.param(rb'{"a":"b\u0000c"}', UNSTORABLE, id="NUL in a value"),
    pytest.param(rb'{"b\u0000c":1}', UNSTORABLE, id="NUL in a key"),
    pytest.param(rb'{"a":[{"b":["\u0000"]}]}', UNSTORABLE, id="NUL in a value, nested"),
    pytest.param(rb'{"a":[{"b":{"\u0000":1}}]}', UNSTORABLE, id="NUL in a key, nested"),
    pytest.param(rb'{"a":"\ud800"}', UNSTORABLE, id="high surrogate in a value"),
    pytest.param(rb'{"a":"\udfff"}', UNSTORABLE, id="low surrogate in a value"),
    pytest.param(rb'{"\uD800":1}', UNSTORABLE, id="surrogate in a key"),
    *(
        pytest.param(rb'{"a":"\u%bff"}' % start, UNSTORABLE, id=f"surrogate {start.decode()}ff")
        for start in (b"d8", b"d9", b"da", b"dB", b"Db", b"DC", b"dd", b"de", b"DF")
    ),
    pytest.param(rb'{"a":["\ude00\ud83d"]}', UNSTORABLE, id="pair the wrong way round"),
    pytest.param(rb'{"a":"\ud83d","b":"\ude00"}', UNSTORABLE, id="pair torn apart"),
    # Nesting
    pytest.param(nested(33), DEEP, id="33 objects"),
    pytest.param(nested_lists(33), DEEP, id="33 with lists"),
    pytest.param(nested(33, core=b"{}"), DEEP, id="34 with an empty one"),
    pytest.param(nested(32, core=b"[]"), DEEP, id="33 with an empty list"),
    pytest.param(b'{"a":[' + b"[]," * 9 + nested_lists(32) + b"]}", DEEP, id="34 in a branch"),
    pytest.param(nested(100_000), DEEP, id="100,000 objects"),
    pytest.param(nested_lists(100_000), DEEP, id="100,000 lists"),
    pytest.param(b"[" * 100_000, DEEP, id="100,000 open brackets"),
    pytest.param(b'{"a":' * 100_000, DEEP, id="100,000 open braces"),
]


@pytest.mark.parametrize(("body", "sentence"), REFUSED)
def test_unsound_body_is_refused_with_one_sentence(body, sentence):
    with pytest.raises(MalformedBody) as caught:
        parse_strict(body)
    error = caught.value
    assert (error.status_code, error.get_codes()) == (400, "malformed_body")
    assert str(error.detail).startswith(sentence)
    assert str(error.detail).endswith(".")
    assert "canary" not in str(error.detail)


@pytest.mark.parametrize(
    "body",
    [b'{"a":"canary', b'{"a":"canary\xff"}', b'{"canary":1,"canary":2}', b'{"a":"canary\\u0000"}'],
    ids=["syntax", "UTF-8", "key twice", "NUL"],
)
def test_refusal_does_not_carry_the_body_along(body):
    with pytest.raises(MalformedBody) as caught:
        parse_strict(body)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert "canary" not in repr(vars(caught.value))


def test_place_of_a_syntax_error_is_told():
    with pytest.raises(MalformedBody) as caught:
        parse_strict(b'{"a": 1,\n "b" 2}')
    assert str(caught.value.detail) == "The body is not valid JSON at line 2, column 6."


def test_large_body_with_escapes_and_brackets_is_read():
    body = b'{"a":[' + rb'{"\u00e9":["b"]},' * 50_000 + b"{}]}"
    assert parse_strict(body) == {"a": [{"é": ["b"]}] * 50_000 + [{}]}


STORABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE,
    lambda inner: st.lists(inner) | st.dictionaries(STORABLE, inner),
    max_leaves=20,
)  # fmt: skip


@given(value=st.dictionaries(STORABLE, VALUES), is_ascii=st.booleans())
def test_every_storable_object_is_read_as_json_reads_it(value, is_ascii):
    body = json.dumps(value, ensure_ascii=is_ascii).encode()
    assert repr(parse_strict(body)) == repr(json.loads(body)) == repr(value)


PIECES = st.sampled_from(
    [*'{}[]:,"a\\0-9.eE \n', '"a":', '{"b":', '":"', "true", "null", "NaN", "1e999", "-0", "12",
     r"\u0000", r"\ud800", r"\ude00", r"\u0061", "é", "\0", "\ufeff"]
)  # fmt: skip


@given(pieces=st.lists(PIECES, max_size=30), is_wrapped=st.booleans())
def test_whatever_is_accepted_equals_what_json_reads(pieces, is_wrapped):
    text = "".join(pieces)
    body = (f'{{"a":{text}}}' if is_wrapped else text).encode()
    try:
        value = parse_strict(body)
    except MalformedBody:
        return
    assert value == json.loads(body)
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@given(body=st.binary(max_size=64))
def test_no_bytes_bring_another_error(body):
    try:
        value = parse_strict(body)
    except MalformedBody:
        return
    assert value == json.loads(body)


# Headers and size, through DRF's request as a view has it


class Echo(APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSONParser,)

    def get_exception_handler(self):
        return exception_handler

    def post(self, request):
        return Response(request.data)


def answer_to(body=b'{"a":1}', content_type="application/json", **headers):
    request = APIRequestFactory().generic("POST", "/", body, content_type, **headers)
    response = Echo.as_view()(request)
    return response.status_code, response.data


def is_unsupported(answer):
    sentence = "Send the body as application/json in UTF-8, without Content-Encoding."
    return answer == (415, {"detail": sentence}) and answer[1]["detail"].code == (
        "unsupported_media_type"
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
        'application/json ; charset="utf-8"',
        "application/json; CHARSET=Utf-8",
        "application/json; profile=x; charset=utf-8",
        "application/json; profile=x",
        "application/json;",
    ],
)
def test_json_in_utf8_is_read(content_type):
    assert answer_to(content_type=content_type) == (200, {"a": 1})


@pytest.mark.parametrize(
    "parameters",
    [
        *(
            pytest.param(f"charset={name}", id=name)
            for name in (
                "utf-7", "utf-16", "utf-32", "utf-8-sig", "utf8", "latin-1", "us-ascii", "idna",
                "unicode_escape", "raw_unicode_escape", "rot13", "bz2", "zlib", "hex", "punycode",
                "mbcs", "undefined", "nonsense", "../../x", "utf-8,utf-7", "é",
            )
        ),
        pytest.param("charset=" + "x" * 200, id="200 characters"),
        pytest.param("charset=", id="empty"),
        pytest.param('charset=""', id="empty, quoted"),
        pytest.param("charset", id="no value"),
        pytest.param("charset=utf-8; charset=utf-7", id="two"),
        pytest.param("charset=utf-7; charset=utf-8", id="two, the other way round"),
        pytest.param("charset*=utf-8''utf-7", id="extended"),
        pytest.param("charset*0=utf-; charset*1=7", id="in pieces"),
    ],
)  # fmt: skip
def test_other_charset_is_415(parameters):
    assert is_unsupported(answer_to(content_type=f"application/json; {parameters}"))


@pytest.mark.parametrize("name", ["x" * 5000, "utf-8" * 1000], ids=["x", "utf-8 repeated"])
def test_charset_of_5000_characters_is_415(name):
    content_type = f"application/json; charset={name}"
    # DRF's negotiation refuses it first, with the same status and code.
    status, data = answer_to(content_type=content_type)
    assert (status, data["detail"].code) == (415, "unsupported_media_type")
    with pytest.raises(UnsupportedMediaType) as caught:
        parsed(b"{}", media_type=content_type)
    assert name not in str(caught.value.detail)


@pytest.mark.parametrize(
    "content_type",
    ["*/*", "application/*", "text/json", "text/plain", "application/x-www-form-urlencoded",
     "multipart/form-data; boundary=x", "application/json5", "json", "application/json, text/x"],
)  # fmt: skip
def test_other_media_type_is_415(content_type):
    status, data = answer_to(content_type=content_type)
    assert (status, data["detail"].code) == (415, "unsupported_media_type")


def test_content_type_that_cannot_be_read_is_415():
    with pytest.raises(UnsupportedMediaType):
        parsed(b"{}", media_type="application/json; a*=nonsense'en'b")


@pytest.mark.parametrize(
    "encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "x", "", "identity, gzip", "gzip, gzip"]
)
def test_encoded_body_is_415(encoding):
    assert is_unsupported(answer_to(HTTP_CONTENT_ENCODING=encoding))


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
def test_identity_is_no_encoding(encoding):
    assert answer_to(HTTP_CONTENT_ENCODING=encoding) == (200, {"a": 1})


def test_charset_is_told_before_size_and_shape():
    assert is_unsupported(answer_to(b"[" * 2_000_000, "application/json; charset=utf-7"))


def body_of(size):
    return b'{"a":"' + b"x" * (size - 8) + b'"}'


TOO_LARGE = (413, {"detail": "The body is larger than 1 MiB."})
CUT_SHORT = (400, {"detail": "The body ended before the length that Content-Length says."})


def test_body_of_1_mib_is_read():
    status, data = answer_to(body_of(MAX_BODY_BYTES))
    assert (status, len(data["a"])) == (200, 1024 * 1024 - 8)


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 5_000_000], ids=["1 byte more", "5 MB"])
def test_larger_body_is_413(size):
    answer = answer_to(body_of(size))
    assert answer == TOO_LARGE
    assert answer[1]["detail"].code == "body_too_large"


@pytest.mark.parametrize("limit", [None, 10, 1024 * 1024, 10**9])
def test_size_limit_is_not_that_of_djangos_forms(settings, limit):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit
    assert answer_to(body_of(MAX_BODY_BYTES))[0] == 200
    assert answer_to(body_of(MAX_BODY_BYTES + 1)) == TOO_LARGE


@pytest.mark.parametrize(
    ("length", "answer"),
    [
        pytest.param("7", (200, {"a": 1}), id="right"),
        pytest.param("8", CUT_SHORT, id="larger"),
        pytest.param("1048577", TOO_LARGE, id="past the limit"),
        pytest.param("1" + "0" * 30, TOO_LARGE, id="10^30"),
        pytest.param("-1", (400, {"detail": EMPTY}), id="negative"),
        pytest.param(
            "3", (400, {"detail": f"{SYNTAX}1, column 2."}), id="smaller"
        ),
    ],
)  # fmt: skip
def test_length_that_lies_gains_nothing(length, answer):
    lie = {"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(b'{"a":1}')}
    assert answer_to(**lie) == answer


class Stream(io.BytesIO):
    """A server's stream that ignores Content-Length, and remembers what was asked of it."""

    asked = ()

    def read(self, size=-1, /):
        self.asked += (size,)
        return super().read(size)


def parsed(body, media_type="application/json", **meta):
    stream = body if isinstance(body, io.IOBase) else io.BytesIO(body)
    context = {"request": SimpleNamespace(META=meta)}
    return StrictJSONParser().parse(stream, media_type, context)


@pytest.mark.parametrize("length", [{}, {"CONTENT_LENGTH": "2"}, {"CONTENT_LENGTH": "abc"}])
def test_stream_is_never_read_past_the_limit(length):
    stream = Stream(body_of(3 * MAX_BODY_BYTES))
    with pytest.raises(BodyTooLarge):
        parsed(stream, **length)
    assert stream.asked == (MAX_BODY_BYTES + 1,)


def test_body_announced_too_large_is_not_read():
    stream = Stream(b"{}")
    with pytest.raises(BodyTooLarge):
        parsed(stream, CONTENT_LENGTH=str(MAX_BODY_BYTES + 1))
    assert stream.asked == ()


def test_connection_that_breaks_is_a_refusal():
    class Broken(Stream):
        def read(self, size=-1, /):
            raise UnreadablePostError("reset by peer")

    with pytest.raises(MalformedBody) as caught:
        parsed(Broken(), CONTENT_LENGTH="7")
    assert str(caught.value.detail) == CUT_SHORT[1]["detail"]


def test_parser_reads_without_a_request():
    assert StrictJSONParser().parse(io.BytesIO(b'{"a":1}'), "application/json") == {"a": 1}


def test_body_that_a_middleware_has_read_is_read_again():
    request = APIRequestFactory().generic("POST", "/", b'{"a":1}', "application/json")
    assert request.body == b'{"a":1}'
    assert Echo.as_view()(request).data == {"a": 1}
