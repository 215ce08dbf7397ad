"""The catalogue's rows: what can be connected, how, and what each way asks for."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from integrations.auth_methods import kind_choices
from integrations.field_types import type_choices
from integrations.history import CatalogueVersion, IntegrationRevision
from integrations.specs import SPEC_ATTRIBUTES, Condition, Spec, label_from_key

__all__ = [
    "AuthMethod",
    "CatalogueVersion",
    "FieldSpec",
    "Integration",
    "IntegrationRevision",
    "IntegrationType",
    "is_secure",
]


class IntegrationType(models.TextChoices):
    CONNECTORS = "connectors", _("Connectors")
    MCP = "mcp", _("MCP servers")
    TOOL = "tool", _("Tools")
    MODEL = "model", _("Models")
    CUSTOM = "custom", _("Custom")
    STORAGE = "storage", _("Storage")
    API = "api", _("APIs")


TYPE_LABELS = dict(IntegrationType.choices)


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def usable_in(self, workspace_id: Any) -> "IntegrationQuerySet":
        """Enabled ones that are no drafts: everybody's and the workspace's own."""
        rows = self.filter(Q(workspace_id=None) | Q(workspace_id=workspace_id), is_enabled=True)
        return rows.exclude(status=Integration.Status.DRAFT)

    def in_category(self, category: str) -> "IntegrationQuerySet":
        """Listed under that category, spelled like that."""
        if connection.features.supports_json_field_contains:
            return self.filter(categories__contains=[category])
        # SQLite has no containment.
        found = "SELECT 1 FROM json_each(integrations_integration.categories) WHERE value = %s"
        holds = RawSQL(f"EXISTS ({found})", (category,), models.BooleanField())  # noqa: S611
        return self.filter(holds)


class Integration(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        DEPRECATED = "deprecated", _("Deprecated")

    class Origin(models.TextChoices):
        FILE = "file", _("Catalogue file")
        STAFF = "staff", _("Staff")

    slug = models.CharField(_("slug"), max_length=100)
    name = models.CharField(_("name"), max_length=255)
    type = models.CharField(_("type"), max_length=20, choices=IntegrationType)
    description = models.TextField(_("description"), blank=True)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    logo_url = models.CharField(_("logo"), max_length=500, blank=True)
    docs_url = models.CharField(_("documentation"), max_length=500, blank=True)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PUBLISHED)
    # A draft that takes the place of that one's definition once it is published.
    draft_of = models.OneToOneField(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="draft_copy",
    )
    # The revision that it was copied from.
    base_revision = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # None: everybody's. A plain id, because the catalogue knows nothing of who connects.
    workspace_id = models.UUIDField(_("only for workspace"), null=True, blank=True)
    origin = models.CharField(
        _("origin"), max_length=10, choices=Origin, default=Origin.STAFF, editable=False
    )
    translations = models.JSONField(_("translations"), default=dict, blank=True)
    # Digest of the file's definition as it was loaded: rows that differ were edited by staff.
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(workspace_id=None),
                name="integration_slug_once",
                violation_error_message=_("There is an integration with this slug already."),
            ),
            models.UniqueConstraint(
                fields=["workspace_id", "slug"],
                condition=Q(workspace_id__isnull=False),
                name="integration_slug_once_per_workspace",
                violation_error_message=_("There is an integration with this slug already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_type_display(self) -> str:  # type: ignore[no-redef]
        # Django's own words every choice to find one: long lists would spend an eighth of their
        # time on it.
        return str(TYPE_LABELS.get(self.type, self.type))


class AuthMethod(models.Model):
    integration = models.ForeignKey(
        Integration,
        verbose_name=_("integration"),
        on_delete=models.CASCADE,
        related_name="auth_methods",
    )
    slug = models.CharField(_("id"), max_length=100)
    name = models.CharField(_("name"), max_length=255)
    kind = models.CharField(_("kind"), max_length=40, choices=kind_choices)
    description = models.TextField(_("description"), blank=True)
    docs_url = models.CharField(_("documentation"), max_length=500, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    request = models.JSONField(_("request"), default=dict, blank=True)
    oauth = models.JSONField(_("OAuth"), default=dict, blank=True)
    test = models.JSONField(_("live test"), default=dict, blank=True)
    translations = models.JSONField(_("translations"), default=dict, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("auth method")
        verbose_name_plural = _("auth methods")
        ordering = ["order", "id"]
        constraints = [
            # What a connection's composite foreign key points at.
            models.UniqueConstraint(
                fields=["id", "integration"], name="auth_method_of_integration"
            ),
            models.UniqueConstraint(
                fields=["integration", "slug"],
                name="auth_method_slug_once",
                violation_error_message=_("This integration has a method with this id already."),
            ),
            models.UniqueConstraint(
                fields=["integration"],
                condition=Q(is_default=True),
                name="one_default_auth_method",
                violation_error_message=_("Another method is the default already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FieldSpec(models.Model):
    """One input of a method, or of every method of an integration. field types carry its rules."""

    class Target(models.TextChoices):
        CREDENTIALS = "credentials", _("Credentials")
        CONFIG = "config", _("Configuration")

    class Stage(models.TextChoices):
        SETUP = "setup", _("Setup, by staff")
        CONNECT = "connect", _("When connecting")
        AUTOMATIC = "automatic", _("Automatic")

    class PEMType(models.TextChoices):
        PRIVATE_KEY = "private_key", _("Private key")
        CERTIFICATE = "certificate", _("Certificate")
        ANY = "any", _("Either")

    integration = models.ForeignKey(
        Integration,
        verbose_name=_("integration"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="common_fields",
    )
    auth_method = models.ForeignKey(
        AuthMethod,
        verbose_name=_("auth method"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="fields",
    )
    key = models.CharField(_("key"), max_length=64)
    target = models.CharField(
        _("target"), max_length=12, choices=Target, default=Target.CREDENTIALS
    )
    type = models.CharField(_("type"), max_length=40, choices=type_choices, default="string")
    label = models.CharField(_("label"), max_length=100, blank=True)
    help_text = models.TextField(_("help text"), blank=True)
    placeholder = models.CharField(_("placeholder"), max_length=255, blank=True)
    docs_url = models.CharField(_("documentation"), max_length=500, blank=True)
    required = models.BooleanField(_("required"), default=True)
    # None: what the target says: secret in credentials, not in configuration.
    secure = models.BooleanField(_("secret"), null=True, blank=True)
    default = models.JSONField(_("default"), null=True, blank=True)
    const = models.JSONField(_("fixed value"), null=True, blank=True)
    min_length = models.PositiveIntegerField(_("shortest length"), null=True, blank=True)
    max_length = models.PositiveIntegerField(_("greatest length"), null=True, blank=True)
    minimum = models.FloatField(_("smallest value"), null=True, blank=True)
    maximum = models.FloatField(_("greatest value"), null=True, blank=True)
    pattern = models.CharField(_("pattern"), max_length=600, blank=True)
    pattern_message = models.CharField(_("pattern message"), max_length=255, blank=True)
    forbidden_pattern = models.CharField(_("forbidden pattern"), max_length=600, blank=True)
    options = models.JSONField(_("options"), default=list, blank=True)
    prefix = models.CharField(_("prefix"), max_length=100, blank=True)
    suffix = models.CharField(_("suffix"), max_length=100, blank=True)
    strip = models.JSONField(_("strip from a paste"), default=list, blank=True)
    schemes = models.JSONField(_("URL or DSN schemes"), default=list, blank=True)
    pem_type = models.CharField(
        _("kind of PEM block"), max_length=12, choices=PEMType, default=PEMType.PRIVATE_KEY
    )
    visible_if = models.JSONField(_("visible if"), null=True, blank=True)
    required_if = models.JSONField(_("required if"), null=True, blank=True)
    group = models.CharField(_("group"), max_length=100, blank=True)
    order = models.SmallIntegerField(_("order"), default=0)
    advanced = models.BooleanField(_("advanced"), default=False)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.CONNECT)
    expires = models.BooleanField(_("expires"), default=False)
    examples = models.JSONField(_("examples"), default=list, blank=True)
    bad_examples = models.JSONField(_("bad examples"), default=list, blank=True)
    deprecated = models.BooleanField(_("deprecated"), default=False)
    translations = models.JSONField(_("translations"), default=dict, blank=True)

    class Meta:
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(integration__isnull=True) ^ Q(auth_method__isnull=True),
                name="field_spec_has_one_owner",
                violation_error_message=_("A field belongs to an integration or to a method."),
            ),
            models.UniqueConstraint(
                fields=["integration", "target", "key"],
                name="common_field_key_once",
                violation_error_message=_("This key is used by another field already."),
            ),
            models.UniqueConstraint(
                fields=["auth_method", "target", "key"],
                name="method_field_key_once",
                violation_error_message=_("This key is used by another field already."),
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.key

    def clean(self) -> None:
        for name in ("visible_if", "required_if"):
            try:
                Condition.parse(getattr(self, name))
            except (ValueError, TypeError) as error:
                raise ValidationError({name: str(error)}) from error

    @property
    def is_secret(self) -> bool:
        return is_secure(self.secure, self.target)

    def to_spec(self) -> Spec:
        """The frozen record that rules read; ValueError for a malformed condition."""
        values = {name: getattr(self, name) for name in SPEC_ATTRIBUTES}
        values["label"] = self.label or label_from_key(self.key)
        values["secure"] = self.is_secret
        values["options"] = tuple((one["value"], one["label"]) for one in self.options)
        for name in ("strip", "schemes", "examples", "bad_examples"):
            values[name] = tuple(values[name])
        for name in ("visible_if", "required_if"):
            values[name] = Condition.parse(values[name])
        return Spec(**values)


def is_secure(marked: bool | None, target: str) -> bool:
    """Credentials are secret unless a definition says otherwise; configuration is not."""
    return target == FieldSpec.Target.CREDENTIALS if marked is None else marked
