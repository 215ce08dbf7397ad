"""Catalogue files are read strictly: what is wrong is named with its line, and nothing is run."""

import time
from pathlib import Path
from typing import Any

import pytest

from integrations import files
from integrations.files import FileError, parse, read_file
from integrations.specs import Condition, IntegrationDefinition, Spec

HEAD = "slug: acme\nname: Acme\ntype: api\n"
METHOD = HEAD + "auth_methods:\n  - id: key\n    name: Key\n    kind: custom\n"
FIELD = METHOD + "    fields:\n      - key: one\n"


def field(text: str) -> Spec:
    """The one field of a file, from lines of its own at line 10 and below."""
    lines = [f"        {line}\n" for line in text.splitlines()]
    return parse(FIELD + "".join(lines)).methods[0].specs[0]


def refusal(text: str) -> str:
    with pytest.raises(FileError) as refused:
        parse(text)
    return str(refused.value)


def test_shortest_file() -> None:
    assert parse(HEAD) == IntegrationDefinition(slug="acme", name="Acme", type="api")


def test_field_says_nothing_and_gets_what_is_usual() -> None:
    assert field("") == Spec(key="one", label="One", secure=True)
    assert field("target: config") == Spec(key="one", target="config", label="One", secure=False)


def test_field_says_everything() -> None:
    assert field(
        "type: select\nlabel: Eins\nhelp_text: Help\nplaceholder: a\nrequired: false\n"
        "secure: false\ndefault: a\noptions: [{value: a, label: A}, {value: b, label: B}]\n"
        "visible_if: {field: two, in: [a, 1, true]}\nrequired_if: {field: two, equals: a}\n"
        "group: G\norder: 5\nadvanced: true\nstage: automatic\nexpires: true\n"
        "examples: [a]\nbad_examples: [c]\ndeprecated: true\nminimum: 1\nmin_length: 2\n"
        "strip: ['Bearer ']\ndocs_url: https://example.com/"
    ) == Spec(
        key="one",
        type="select",
        label="Eins",
        help_text="Help",
        placeholder="a",
        required=False,
        secure=False,
        default="a",
        options=(("a", "A"), ("b", "B")),
        visible_if=Condition("two", ("a", 1, True)),
        required_if=Condition("two", ("a",)),
        group="G",
        order=5,
        advanced=True,
        stage="automatic",
        expires=True,
        examples=("a",),
        bad_examples=("c",),
        deprecated=True,
        minimum=1.0,
        min_length=2,
        strip=("Bearer ",),
        docs_url="https://example.com/",
    )


@pytest.mark.parametrize("text", ["default: 2025-10-19", "default: '2025-10-19'"])
def test_bare_date_is_the_text_that_was_written(text: str) -> None:
    assert field(text).default == "2025-10-19"


def test_bare_moment_is_the_text_that_was_written() -> None:
    assert field("default: 2025-10-19T12:00:00Z").default == "2025-10-19T12:00:00Z"


def oauth2_file(access_token: str, oauth: str = "") -> str:
    return (
        HEAD + "auth_methods:\n  - id: oauth2\n    name: OAuth\n    kind: oauth2\n"
        f"    oauth: {{token_url: 'https://acme.example/token'{oauth}}}\n"
        f"    fields: [{{key: access_token{access_token}}}]\n"
    )


def test_field_refines_what_its_kind_brings() -> None:
    brought = parse(oauth2_file("")).methods[0].spec("access_token")
    refined = parse(oauth2_file(", min_length: 20, label: Token")).methods[0].spec("access_token")
    assert (brought.label, brought.min_length, brought.type) == ("Access Token", None, "password")
    assert (refined.label, refined.min_length, refined.type) == ("Token", 20, "password")


def test_null_takes_a_brought_field_back() -> None:
    text = oauth2_file("").replace("key: access_token", "key: token_type, default: null, label: ''")
    spec = parse(text).methods[0].spec("token_type")
    assert (spec.default, spec.label, spec.pattern) == (
        None,
        "Token type",
        "[Bb][Ee][Aa][Rr][Ee][Rr]",
    )


@pytest.mark.parametrize("scopes", ["[a, b]", "a b"])
def test_scopes_become_a_list(scopes: str) -> None:
    text = oauth2_file("", f", required_scopes: {scopes}, default_scopes: [a]")
    oauth = parse(text).methods[0].oauth
    assert (oauth["required_scopes"], oauth["default_scopes"]) == (["a", "b"], ["a"])


def test_definition_holds_plain_values_only() -> None:
    definition = parse(METHOD + "    request: {headers: {A: b}, query: {c: d}}\n")
    request = definition.methods[0].request
    assert type(request) is dict
    assert type(request["headers"]) is dict


REFUSED: dict[str, tuple[str, str]] = {
    "empty": ("", "line 1: a mapping is needed here"),
    "list": ("- a\n", "line 1: a mapping is needed here"),
    "text": ("hello", "line 1: a mapping is needed here"),
    "two documents": (HEAD + "---\n" + HEAD, "line 4: but found another document"),
    "missing name": ("slug: a\ntype: api\n", "line 1: Field 'name' is required."),
    "unknown key": (HEAD + "colour: red\n", "line 4: Unknown field 'colour'."),
    "unknown key with a hint": (
        HEAD + "descripton: x\n",
        "line 4: Unknown field 'descripton'. Did you mean 'description'?",
    ),
    "unknown key of a method": (
        METHOD + "    kid: x\n",
        "line 8: Unknown field 'kid'. Did you mean 'kind'?",
    ),
    "unknown key of a field": (
        FIELD + "        patern: x\n",
        "line 10: Unknown field 'patern'. Did you mean 'pattern'?",
    ),
    "unknown key of a request": (
        METHOD + "    request:\n      url: x\n",
        "line 9: Unknown field 'url'.",
    ),
    "unknown key of a test": (METHOD + "    test: {way: GET}\n", "line 8: Unknown field 'way'."),
    "unknown type": (
        HEAD.replace("api", "apis"),
        "line 3: Field 'type' must be one of: connectors, mcp,",
    ),
    "unknown kind": (
        METHOD.replace("custom", "magic"),
        "line 7: Field 'kind' must be one of: none, api_key,",
    ),
    "unknown field type": (
        FIELD + "        type: colour\n",
        "line 10: Field 'type' must be one of: string,",
    ),
    "slug": (HEAD.replace("acme", "\u0430cme"), "line 1: Field 'slug' must be lower-case letters"),
    "number as name": (HEAD.replace("Acme", "5"), "line 2: Field 'name' must be text."),
    "yes as text": (FIELD + "        help_text: no\n", "line 10: Field 'help_text' must be text."),
    "text as truth": (
        FIELD + "        required: 'no'\n",
        "line 10: Field 'required' must be true or false.",
    ),
    "key twice": (HEAD + "name: Other\n", "line 4: the key 'name' stands here twice"),
    "key twice, deep": (
        METHOD + "    request: {headers: {A: b, A: c}}\n",
        "line 8: the key 'A' stands here twice",
    ),
    "method twice": (
        METHOD + METHOD.split("methods:\n")[1],
        "line 1: the method 'key' stands here twice",
    ),
    "field twice": (
        FIELD + "      - key: one\n",
        "line 5: the field 'credentials.one' stands here twice",
    ),
    "key is no text": (HEAD + "5: x\n", "line 4: a key must be text"),
    "key is a list": (HEAD + "[a]: x\n", "line 4: a key must be text"),
    "fields is a mapping": (METHOD + "    fields: {key: one}\n", "line 8: 'fields' must be a list"),
    "field is text": (METHOD + "    fields: [one]\n", "line 1: a mapping is needed here"),
    "methods is text": (HEAD + "auth_methods: key\n", "line 4: 'auth_methods' must be a list"),
    "request is a list": (
        METHOD + "    request: [a]\n",
        "line 8: Field 'request' must be a JSON object.",
    ),
    "tab": (
        HEAD + "\tdescription: x\n",
        "line 4: found character '\\t' that cannot start any token",
    ),
    "unclosed": (HEAD + "categories: [a\n", "line 5: expected ',' or ']', but got '<stream end>'"),
    "NUL": (HEAD + "description: a\0b\n", "not YAML"),
    "Python object": (
        HEAD + "description: !!python/object/apply:os.system [id]\n",
        "line 4: could not determine a constructor for the tag",
    ),
    "Python name": (
        "!!python/name:os.system\n",
        "line 1: could not determine a constructor for the tag",
    ),
    "own tag": (
        HEAD + "description: !secret x\n",
        "line 4: could not determine a constructor for the tag",
    ),
    "bytes": (
        HEAD + "description: !!binary aGk=\n",
        "line 4: could not determine a constructor for the tag",
    ),
    "set": (HEAD + "fields: !!set {a}\n", "line 4: could not determine a constructor for the tag"),
    "merge": (HEAD + "<<: {a: b}\n", "line 4: could not determine a constructor for the tag"),
    "alias": (HEAD + "description: &a x\nlogo_url: *a\n", "line 5: aliases are not allowed"),
    "anchors bomb": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "line 2: aliases are not allowed",
    ),
    "not a number": (FIELD + "        minimum: .nan\n", "line 10: this number cannot be used"),
    "infinity": (FIELD + "        maximum: -.inf\n", "line 10: this number cannot be used"),
    "5,000 digits": (
        FIELD + f"        default: {'9' * 5000}\n",
        "line 10: this number cannot be used",
    ),
    "400 digits": (
        FIELD + f"        maximum: {'9' * 400}\n",
        "line 10: this number cannot be used",
    ),
    "too deep": (HEAD + "fields: " + "[" * 3000, "the file is nested too deeply"),
    "options are texts": (
        FIELD + "        options: [a, b]\n",
        "line 10: 'options' has another shape",
    ),
    "option without label": (
        FIELD + "        options: [{value: a}]\n",
        "line 10: 'options' has another shape",
    ),
    "option with more": (
        FIELD + "        options: [{value: a, label: A, x: y}]\n",
        "line 10: 'options' has another",
    ),
    "option of Norway": (
        FIELD + "        options: [{value: no, label: Norway}]\n",
        "line 10: 'options' has another",
    ),
    "options are a number": (
        FIELD + "        options: 5\n",
        "line 10: 'options' has another shape",
    ),
    "condition without value": (
        FIELD + "        visible_if: {field: a}\n",
        "line 10: 'visible_if' has another shape",
    ),
    "condition with both": (
        FIELD + "        visible_if: {field: a, equals: b, in: [c]}\n",
        "line 10: 'visible_if' has",
    ),
    "condition on a number": (
        FIELD + "        visible_if: {field: 5, equals: b}\n",
        "line 10: 'visible_if' has",
    ),
    "condition in text": (
        FIELD + "        visible_if: {field: a, in: abc}\n",
        "line 10: 'visible_if' has another",
    ),
    "condition in nothing": (
        FIELD + "        visible_if: {field: a, in: []}\n",
        "line 10: 'visible_if' has another",
    ),
    "condition on null": (
        FIELD + "        required_if: {field: a, equals: null}\n",
        "line 10: 'required_if' has",
    ),
    "condition is text": (
        FIELD + "        visible_if: always\n",
        "line 10: Field 'visible_if' must be a JSON object",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_line(name: str) -> None:
    text, expected = REFUSED[name]
    assert refusal(text).startswith(expected)


def test_bomb_of_anchors_is_refused_at_once() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    before = time.process_time()
    assert refusal("\n".join(levels)) == "line 2: aliases are not allowed"
    assert time.process_time() - before < 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acme.yaml"


def file_refusal(path: Path) -> str:
    with pytest.raises(FileError) as refused:
        read_file(path)
    return str(refused.value)


def test_file_is_read(path: Path) -> None:
    path.write_text(HEAD + "description: Gr\u00fc\u00dfe \U0001f511\n", encoding="utf-8")
    assert read_file(path).description == "Gr\u00fc\u00dfe \U0001f511"


@pytest.mark.parametrize("content", [HEAD.encode("utf-8-sig"), HEAD.replace("\n", "\r\n").encode()])
def test_file_of_another_system_is_read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_file(path) == parse(HEAD)


@pytest.mark.parametrize("content", [b"slug: caf\xe9\n", HEAD.encode("utf-16"), b"\xff\xfe\x00"])
def test_file_that_is_not_utf_8(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert file_refusal(path) == "the file is not UTF-8"


def test_large_file_is_refused_unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_kwargs: pytest.fail("it was read"))
    assert file_refusal(path) == f"the file is larger than {files.LARGEST_FILE} bytes"


def test_largest_file_is_judged_in_time(path: Path) -> None:
    path.write_text(HEAD + "categories: [" + "a, " * ((files.LARGEST_FILE - 100) // 3) + "]\n")
    before = time.process_time()
    assert file_refusal(path).startswith("line 4: Field 'categories' must have at most")
    assert time.process_time() - before < 10


def test_missing_file_and_folder(path: Path) -> None:
    assert file_refusal(path) == "the file cannot be read: No such file or directory"
    assert file_refusal(path.parent) == "the file cannot be read: Is a directory"


def test_message_is_one_line() -> None:
    messages: list[Any] = [refusal(text) for text, _expected in REFUSED.values()]
    assert [message for message in messages if "\n" in message] == []
