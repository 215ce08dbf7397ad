"""A workspace as it looks after some weeks: what the browser tests, the pictures and the benchmark
of pages look at.

Rows are made by the services, so that they are rows as the product makes them; what only time can
do to them (a refusal, an end, a last use) is written afterwards.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connections.access.actors import person
from connections.models import Connection, Workspace
from connections.serializers import ConnectionSerializer
from connections.services.verification import Verifier
from integrations.catalogue import current_catalogue
from integrations.requirements import shown_specs
from integrations.specs import TARGETS, MethodDefinition
from tests.integrations.examples import METHODS
from tests.strategies import valid_values

# One moment for every picture that is ever taken.
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
Status = Connection.Status


@dataclass(frozen=True)
class Shown:
    """A connection of the workspace: `method` is `slug.method` of the catalogue."""

    method: str
    label: str
    account: str = ""
    status: str = Status.ACTIVE
    code: str = ""
    reason: str = ""
    hint: str = ""
    days_old: int = 20
    # Of its token, from now; negative for one that is over.
    days_left: int | None = None
    # By path, beside or in place of the fields' own examples.
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def status_reason(self) -> dict[str, Any] | None:
        if not self.reason:
            return None
        since = (NOW - timedelta(days=1)).isoformat()
        return {"code": self.code, "message": self.reason, "hint": self.hint, "since": since}


CONNECTIONS = (
    Shown(
        "zendesk.api_token", "Support desk", "ada@acme.example", values={"config.subdomain": "acme"}
    ),
    Shown("openai.api_key", "Assistant of the web shop", "Acme Inc.", days_old=18),
    Shown("stripe.secret_key", "Payments", "acct_1Acme", days_old=17),
    Shown(
        "github.token",
        "Issues of the engineers",
        "acme-bot",
        Status.ERROR,
        "invalid_credentials",
        "GitHub refused the token.",
        "It was revoked or has run out: make a new one and enter it here.",
        days_old=15,
    ),
    Shown(
        "gmail.oauth2",
        "Mailbox of sales",
        "sales@acme.example",
        Status.EXPIRED,
        "expired",
        "The access has ended.",
        "Connect again with Gmail.",
        days_old=12,
        days_left=-2,
    ),
    Shown(
        "postgres.password",
        "Warehouse",
        "",
        Status.TESTING,
        "unreachable",
        "The database could not be reached yet.",
        "It is tried again by itself.",
        days_old=9,
        values={"config.host": "db.acme.example", "credentials.password": "of the warehouse"},
    ),
    Shown("slack.bot_token", "Alerts", "Acme · @mielto", days_old=6),
    Shown("s3.access_key", "Exports", "", Status.INACTIVE, days_old=3),
    Shown("notion.token", "Handbook", "Acme wiki", days_old=1, days_left=20),
)


def fill(workspace: Workspace, owner: Any, *, now: datetime | None = None) -> list[Connection]:
    """The connections of `CONNECTIONS`, in that order, as the owner's; the catalogue is loaded."""
    return [make_shown(workspace, owner, shown, now or NOW) for shown in CONNECTIONS]


def make_shown(workspace: Workspace, owner: Any, shown: Shown, now: datetime) -> Connection:
    row = make_connection(workspace, owner, shown.method, shown.label, shown.values)
    made = now - timedelta(days=shown.days_old)
    ends = None if shown.days_left is None else now + timedelta(days=shown.days_left)
    columns = {
        "status": shown.status,
        "status_reason": shown.status_reason,
        "account_label": shown.account,
        "created_at": made,
        "updated_at": made,
        "expires_at": ends,
        "last_tested_at": now - timedelta(hours=3),
        "last_test_ms": 140 + 37 * shown.days_old,
        "last_used_at": now - timedelta(minutes=7 * shown.days_old),
    }
    Connection.objects.filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    return row


def make_connection(
    workspace: Workspace, owner: Any, method: str, label: str, values: dict[str, Any] | None = None
) -> Connection:
    """One of the catalogue with its own example values, stored as it is and tried nowhere."""
    slug, found = method.partition(".")[0], METHODS[method]
    body = {
        "integration": slug,
        "integration_type": current_catalogue().get(slug, workspace.id).type,
        "auth_method_id": found.id,
        "label": label,
        **asked_values(found, values or {}),
    }
    context = {"actor": person(owner, workspace), "verifier": Verifier(workspace, "never")}
    serializer = ConnectionSerializer(data=body, context=context)
    assert serializer.is_valid(), serializer.problems
    return serializer.save(owner=owner)


def asked_values(method: MethodDefinition, more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the form must be told, by the fields' own examples, and more."""
    values: dict[str, dict[str, Any]] = {target: {} for target in TARGETS}
    for spec in shown_specs(method.specs):
        if spec.path in more or (spec.required and not spec.deprecated):
            values[spec.target][spec.key] = more.get(spec.path) or valid_values(spec)[0]
    return values
