"""Holding rows while a change is written, so that it meets them as they were checked.

Whoever holds several takes connections before credentials, and each kind in the order of its ids:
two changes that wait for one another would both be lost.
"""

from connections.models import Connection, Credential


class Overtaken(Exception):
    """Somebody else changed or deleted the row between the reading and the writing of it."""


def lock_unchanged(*rows: Connection | Credential | None) -> None:
    """Hold rows of one kind until the transaction ends; Overtaken if one is not as it was read."""
    given = {row.pk: row for row in rows if row is not None}
    for pk in sorted(given):
        same = type(given[pk]).objects.within(given[pk].workspace_id).filter(pk=pk)
        found = same.select_for_update().values_list("updated_at", flat=True).first()
        if found != given[pk].updated_at:
            raise Overtaken
