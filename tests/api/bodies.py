"""Bodies that the tests of the API send, and what is answered to them."""

from typing import Any

ACCESS_TOKEN = "ya29.EXAMPLE-" + "a" * 20
REFRESH_TOKEN = "1//EXAMPLE-" + "r" * 20

# The first integration's body, where nothing but a connection is asked for.
KEYED = {
    "integration": "key-and-email",
    "integration_type": "api",
    "credentials": {"api_key": "first key", "email": "a@example.com"},
}


def published(**credentials: Any) -> dict[str, Any]:
    """The example of the published documentation; None leaves a credential out."""
    values = {
        "access_token": ACCESS_TOKEN,
        "refresh_token": REFRESH_TOKEN,
        "token_type": "Bearer",
        "expires_at": "2025-10-19T12:00:00Z",
    }
    given = {**values, **credentials}
    return {
        "label": "My Gmail Connection",
        "integration": "gmail",
        "integration_type": "connectors",
        "auth_method_id": "oauth2",
        "credentials": {name: value for name, value in given.items() if value is not None},
        "config": {},
    }


def keyed(**members: Any) -> dict[str, Any]:
    """A body that is accepted, with other or more members."""
    return {**KEYED, **members}


def refusal(*problems: tuple[str, str, str] | tuple[str, str, str, str]) -> dict[str, Any]:
    """The contract's body for `(field, code, message)` or `(field, code, message, hint)`."""
    return {
        "detail": {
            "message": "Connection validation failed",
            "errors": [problem[2] for problem in problems],
            "fields": [
                {
                    "field": problem[0],
                    "code": problem[1],
                    "message": problem[2],
                    "hint": problem[3] if len(problem) == 4 else None,
                }
                for problem in problems
            ],
        }
    }


def codes(answer: Any) -> dict[str, str]:
    """What was refused: the code of each field."""
    assert answer.status_code == 400, answer.content
    return {one["field"]: one["code"] for one in answer.json()["detail"]["fields"]}
