"""What a credential may do, where the service tells: the header `X-OAuth-Scopes`.

GitHub and Slack send it with every answer. GitHub leaves out what a wider scope holds already.
"""

import re

from connections.egress.messages import Answer
from integrations.specs import MethodDefinition

# A wider verb holds the narrower ones: `admin:org` is `write:org` and `read:org` as well.
RANKS = {"read": 0, "write": 1, "admin": 2}
SCOPE = re.compile(r"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255}")
MOST_SCOPES = 200


def granted_scopes(answer: Answer) -> tuple[str, ...] | None:
    """None where the service does not tell."""
    header = answer.headers.get("x-oauth-scopes")
    return None if header is None else tuple(SCOPE.findall(header)[:MOST_SCOPES])


def missing_scopes(method: MethodDefinition, granted: tuple[str, ...] | None) -> tuple[str, ...]:
    """The scopes that the method requires and the credential lacks."""
    required = method.oauth.get("required_scopes") or ()
    required = required.split() if isinstance(required, str) else required
    if granted is None:
        return ()
    return tuple(scope for scope in required if not any(_holds(one, scope) for one in granted))


def _holds(granted: str, scope: str) -> bool:
    verb, _colon, thing = scope.partition(":")
    if granted in (scope, verb, thing):
        return True
    wide, _colon, where = granted.partition(":")
    is_ranked = wide in RANKS and verb in RANKS
    return is_ranked and where == thing and RANKS[wide] >= RANKS[verb]
