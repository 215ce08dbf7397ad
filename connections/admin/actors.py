"""Who an audit event means: the names behind `user_…` and `key_…`."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.urls import reverse

from connections.ids import parse_id
from connections.models import ApiKey

PERSON = "user_"


class Named(NamedTuple):
    """`name` is blank where the id says all there is, or nobody has it any more."""

    id: str
    name: str
    url: str

    @property
    def kind(self) -> str:
        """What its id says that it is: `user`, `key`."""
        return self.id.partition("_")[0]

    @property
    def shown(self) -> str:
        return self.name or self.id


def named(actors: Iterable[str]) -> dict[str, Named]:
    """Of each actor of audit events who it is: two queries, however many they are."""
    asked = set(actors)
    return {one: Named(one, "", "") for one in asked} | _people(asked) | _keys(asked)


def actor_called(text: str) -> str:
    """The actor's id that somebody means who types a user's name, or the id itself."""
    if text.startswith((PERSON, "key_")):
        return text
    name = get_user_model().USERNAME_FIELD
    found = get_user_model().objects.filter(**{name: text}).values_list("pk", flat=True).first()
    return text if found is None else f"{PERSON}{found}"


def _people(asked: set[str]) -> dict[str, Named]:
    numbers = [one.removeprefix(PERSON) for one in asked if one.startswith(PERSON)]
    rows = get_user_model().objects.filter(pk__in=[int(one) for one in numbers if one.isdecimal()])
    return {
        f"{PERSON}{row.pk}": Named(
            f"{PERSON}{row.pk}",
            row.get_username(),
            reverse("admin:auth_user_change", args=[row.pk]),
        )
        for row in rows
    }


def _keys(asked: set[str]) -> dict[str, Named]:
    ids = [row_id for one in asked if (row_id := parse_id("key", one)) is not None]
    rows = ApiKey.objects.filter(pk__in=ids) if ids else []
    return {
        row.public_id: Named(
            row.public_id, row.label, reverse("admin:connections_apikey_change", args=[row.pk])
        )
        for row in rows
    }
