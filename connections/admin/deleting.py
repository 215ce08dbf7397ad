"""Deleting connections from the list: a few at once, many by the worker."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.access.actors import person
from connections.admin.editing import EditingAdmin, staff_actor
from connections.jobs.queue import enqueue_deletion
from connections.models import Connection
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken

# Django's page of what would be deleted lists it all, and sends it all back.
FEW = 100
MOST_QUEUED = 50_000
EXAMPLES = 10


class DeletingAdmin(EditingAdmin):
    @admin.action(permissions=["delete"], description=delete_selected.short_description)
    def delete_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        count = queryset.order_by().values("pk")[: MOST_QUEUED + 1].count()
        if count <= FEW:
            return delete_selected(self, request, queryset)
        if count > MOST_QUEUED:
            text = _("Choose at most %(count)d at once: nothing was done.")
            self.message_user(request, text % {"count": MOST_QUEUED}, messages.ERROR)
            return None
        if request.POST.get("post") and request.POST.get("count") == str(count):
            return self.delete_soon(request, queryset)
        return self.confirmation(request, queryset, count)

    def confirmation(self, request: HttpRequest, queryset: Any, count: int) -> HttpResponse:
        """It says how many; what is chosen is the list with its filters, which is sent again."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Are you sure?"),
            "opts": self.opts,
            "count": count,
            # What somebody created meanwhile is not deleted without a word.
            "is_other": "post" in request.POST,
            "examples": queryset.select_related("workspace", "integration")[:EXAMPLES],
            "is_everything": request.POST.get("select_across") == "1",
            "chosen": request.POST.getlist("_selected_action"),
        }
        return TemplateResponse(request, "admin/connections/connection/delete_many.html", context)

    def delete_soon(self, request: HttpRequest, queryset: Any) -> None:
        queued = enqueue_deletion(queryset, lambda space: person(request.user, space).name)
        if queued.now:
            LogEntry.objects.create(
                user_id=request.user.pk,
                content_type=ContentType.objects.get_for_model(Connection),
                object_repr=f"{queued.now} connections",
                action_flag=DELETION,
                change_message="Queued for the worker.",
            )
        text = ngettext(
            "%(count)d connection is being deleted by the worker: see Work.",
            "%(count)d connections are being deleted by the worker: see Work.",
            queued.now + queued.before,
        )
        self.message_user(request, text % {"count": queued.now + queued.before}, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        try:
            delete_connection(actor=staff_actor(request, obj.workspace), connection=obj)
        except Overtaken:
            # Somebody else was quicker: it is gone, as was asked.
            return

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset.select_related("workspace"):
            self.delete_model(request, row)
