"""One live test under way: what is tried, with which values, through which door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connections.egress.messages import Answer, Request, Send
from integrations.auth_methods import AUTH_METHODS, template_names
from integrations.outgoing import outgoing
from integrations.signing import Outgoing
from integrations.specs import MethodDefinition
from integrations.templates import Values, as_text, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`values` are `{"credentials": {…}, "config": {…}}`; `token` was obtained with them."""

    method: MethodDefinition
    values: Values = field(repr=False)
    send: Send = field(repr=False)
    token: str | None = field(default=None, repr=False)

    def value(self, name: str) -> Any:
        """Of the field `name`, or its default; None where blank."""
        return value_of(self.method, name, self.values)

    def text(self, name: str) -> str:
        """The same as text, empty where blank."""
        found = self.value(name)
        return "" if found is None else as_text(found)

    def build(self, **call: Any) -> Outgoing:
        """A call that carries the values. Raises UnfilledTemplate."""
        return outgoing(self.method, self.values, token=self.token, **call)

    def call(self, made: Outgoing) -> Answer:
        """Raises EgressError."""
        return self.send(
            Request(url=made.url, method=made.method, headers=made.headers, body=made.body)
        )

    @property
    def has_own_address(self) -> bool:
        """Whether a value of the connection is a part of the address that is called."""
        request = AUTH_METHODS[self.method.kind].effective_request(self.method.request)
        test: Mapping[str, Any] = self.method.test
        used = [test["url"]] if test.get("url") else [request.get("base_url"), test.get("path")]
        return bool(template_names(used))
