"""What every view of the API shares: the key, the permission, the workspace, the actor."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from connections.access.actors import Actor
from connections.access.authentication import ApiKeyAuthentication
from connections.access.permissions import DeclaredPermission
from connections.api.errors import BadRequestError, Conflict, NotFound, Unprocessable
from connections.api.parser import MalformedBody, announced_length
from connections.api.renderer import Answer, JSONRenderer
from connections.ids import parse_id
from connections.services import idempotency

LONGEST_IDEMPOTENCY_KEY = 255
METHODS_WITH_BODY = {"POST", "PUT", "PATCH"}


class AlwaysJSON(BaseContentNegotiation):
    """One format: what the caller's `Accept` says changes nothing."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        # The one parser refuses other media types by itself; DRF would repeat the header.
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A route. `permissions` declares, by method, what a key needs; nothing else is let in."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [DeclaredPermission]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJSON
    permissions: ClassVar[dict[str, str]] = {}
    # Whether a body that says nothing is as good as `{}`.
    takes_empty_body: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "\0" in request.path_info:
            # Nothing that is stored has such a name, and PostgreSQL cannot even be asked for it.
            raise NotFound
        named = request.META.get("HTTP_X_WORKSPACE_ID")
        if named is not None and parse_id("wsp", named) != self.actor.workspace.id:
            raise NotFound(_("Workspace not found"))
        if request.method in METHODS_WITH_BODY and not self.takes_empty_body:
            refuse_empty_body(request.META)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Not answered: DRF's would describe the view to anybody."""
        return self.http_method_not_allowed(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        return self.request.user  # type: ignore[return-value]

    @property
    def allowed_methods(self) -> list[str]:
        return [method for method in super().allowed_methods if method in self.permissions]


def refuse_empty_body(meta: Mapping[str, Any]) -> None:
    """DRF calls no parser where no length is announced: the body would pass as an empty object."""
    if announced_length(meta) <= 0:
        sentence = _("The body is empty: send a JSON object, and its length in Content-Length.")
        raise MalformedBody(sentence)


def found_or_404(row: Any, sentence: str) -> Any:
    if row is None:
        raise NotFound(sentence)
    return row


def create_once(
    view: ApiView,
    request: Request,
    create: Callable[[Callable[[Any], None] | None], Any],
    describe: Callable[[Any], dict[str, Any]],
) -> tuple[dict[str, Any], Any, bool]:
    """Carry out a creation, or find what the same `Idempotency-Key` created before.

    `create` gets what has to run in its transaction; `describe` makes the answer that is kept, free
    of one-time secrets. Returns the answer, the new row (None for a replay) and whether it is one.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        row = create(None)
        return describe(row), row, False
    record = _begin(view, request, key)
    if record.status_code is not None:
        return record.answer, None, True
    kept: list[dict[str, Any]] = []

    def keep(row: Any) -> None:
        kept.append(describe(row))
        idempotency.finish(record, 201, kept[0])

    try:
        row = create(keep)
    except idempotency.StillRunning:
        raise _still_running() from None
    except BaseException:
        idempotency.abandon(record)
        raise
    return kept[0], row, False


def _begin(view: ApiView, request: Request, key: str) -> Any:
    if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY or not key.isascii() or not key.isprintable():
        text = _("Idempotency-Key must be 1 to 255 printable ASCII characters.")
        raise BadRequestError(text, "bad_idempotency_key")
    route = request.resolver_match.view_name if request.resolver_match else ""
    try:
        return idempotency.begin(view.actor, route, key, request.data)
    except idempotency.StillRunning:
        raise _still_running() from None
    except idempotency.OtherBody:
        raise Unprocessable from None


def _still_running() -> Conflict:
    return Conflict(_("A request with this Idempotency-Key is still running."), "still_running")


def created(answer: dict[str, Any], location: str, *, is_replay: bool) -> Answer:
    headers = {"Location": location}
    if is_replay:
        headers["Idempotency-Replayed"] = "true"
    return Answer(answer, status=201, headers=headers)
