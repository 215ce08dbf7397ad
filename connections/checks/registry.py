"""The live tests by name. A definition names its own as `test: {check: …}`; else it is `http`."""

from collections.abc import Callable

from connections.checks import http, mcp, postgres, redis, s3
from connections.checks.attempts import Attempt
from connections.checks.outcomes import EGRESS_CAUSES, Outcome, because, skipped
from connections.egress.messages import EgressError, Send
from integrations.specs import MethodDefinition
from integrations.templates import UnfilledTemplate, UnfitValue, Values


def run_check(
    method: MethodDefinition, values: Values, *, token: str | None, send: Send, caller: str = ""
) -> Outcome:
    """Try `values` (`{"credentials": {…}, "config": {…}}`) against the service.

    `token` is the access token that was obtained with them, for kinds that obtain one. `caller` is
    whose test it is; `send` knows already, and the other protocols make one connection. `skipped`
    where the method declares no test, or where what it needs is not there yet. Raises nothing but
    KeyError for a check that nobody registered.
    """
    if not method.test:
        return skipped()
    attempt = Attempt(method=method, values=values, send=send, token=token)
    try:
        return CHECKS[method.test.get("check") or "http"](attempt)
    except EgressError as error:
        return because(EGRESS_CAUSES[error.cause])
    except UnfitValue as error:
        return because("unauthorized" if error.place == "header" else "not_found_base_url")
    except UnfilledTemplate:
        return skipped()


# Names are stored in definitions and never renamed.
CHECKS: dict[str, Callable[[Attempt], Outcome]] = {
    "http": http.check,
    "mcp": mcp.check,
    "s3": s3.check,
    "postgres": postgres.check,
    "redis": redis.check,
}
