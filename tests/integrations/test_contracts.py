"""Our own contracts are specs as well: presence, partial changes, unknown members."""

from typing import Any

import pytest

from integrations.requirements import StrictSerializer
from tests.integrations.methods import spec


class Contract(StrictSerializer):
    specs = (
        spec("name"),
        spec("note", required=False),
        spec("size", type="integer", required=False, default=5),
    )


@pytest.mark.parametrize(
    ("data", "partial", "expected"),
    [
        ({"name": "x"}, False, {"name": "x", "size": 5}),
        ({"name": "x", "note": None, "size": 1}, False, {"name": "x", "size": 1}),
        ({}, True, {}),
        ({"note": None}, True, {"note": None}),
        ({"note": " ", "size": ""}, True, {"note": None, "size": None}),
        ({"name": "y"}, True, {"name": "y"}),
    ],
)
def test_contract_accepts(data: dict[str, Any], partial: bool, expected: dict[str, Any]) -> None:
    serializer = Contract(data=data, partial=partial)
    assert serializer.is_valid()
    assert serializer.validated_data == expected


@pytest.mark.parametrize(
    ("data", "partial", "expected"),
    [
        ({}, False, [("name", "required")]),
        ({"name": None}, True, [("name", "required")]),
        ({"nme": "x", "size": "1"}, False,
         [("name", "required"), ("size", "invalid_integer"), ("nme", "unknown")]),
        ({"z": 1, "y": 1, "x": 1}, True, [("z", "unknown"), ("y", "unknown"), ("x", "unknown")]),
    ],
)  # fmt: skip
def test_contract_refuses(data: dict[str, Any], partial: bool, expected: list[Any]) -> None:
    serializer = Contract(data=data, partial=partial)
    assert not serializer.is_valid()
    assert [(name, one.code) for name, (one,) in serializer.errors.items()] == expected
