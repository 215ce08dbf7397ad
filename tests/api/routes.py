"""The URL table of the API as the resolver has it: what is routed is tested, without a list."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from connections.api import urls


class Route(NamedTuple):
    name: str
    template: str
    view: Any

    def path(self, **parts: str) -> str:
        """`/connections/conn_1`, below `/api/v1`."""
        return "/" + self.template.format(**parts)


def routes() -> list[Route]:
    return list(_routes())


def _routes() -> Iterator[Route]:
    for pattern in urls.urlpatterns:
        template = str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            kind = {"StringConverter": "str", "PathConverter": "path"}[type(converter).__name__]
            template = template.replace(f"<{kind}:{name}>", f"{{{name}}}")
        yield Route(pattern.name, template, pattern.callback.view_class)


def methods(view: Any) -> list[str]:
    """What the view answers, whatever it declares."""
    known = [name for name in view.http_method_names if name not in ("options", "head")]
    return [name.upper() for name in known if hasattr(view, name)]
