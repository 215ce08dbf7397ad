"""What the categories of the catalogue are called on pages: a definition holds slugs."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from integrations.specs import label_from_key

LABELS = {
    "accounting": _("Accounting"),
    "aws": _("Amazon Web Services"),
    "cache": _("Caches"),
    "calendar": _("Calendars"),
    "chat": _("Chat"),
    "communication": _("Communication"),
    "crm": _("Customers (CRM)"),
    "data-warehouse": _("Data warehouses"),
    "databases": _("Databases"),
    "design": _("Design"),
    "developer-tools": _("Developer tools"),
    "dns": _("DNS"),
    "documents": _("Documents"),
    "e-commerce": _("Online shops"),
    "email": _("Email"),
    "embeddings": _("Embeddings"),
    "files": _("Files"),
    "finance": _("Finance"),
    "generic": _("Anything else"),
    "google": _("Google"),
    "identity": _("Sign-in and identity"),
    "incidents": _("Incidents"),
    "infrastructure": _("Infrastructure"),
    "it-service": _("IT service"),
    "knowledge-base": _("Knowledge bases"),
    "llm": _("Language models"),
    "marketing": _("Marketing"),
    "mcp": _("MCP servers"),
    "media": _("Media"),
    "messaging": _("Messaging"),
    "microsoft": _("Microsoft"),
    "monitoring": _("Monitoring"),
    "nosql": _("NoSQL"),
    "object-storage": _("Object storage"),
    "payments": _("Payments"),
    "productivity": _("Productivity"),
    "project-management": _("Project management"),
    "rerank": _("Reranking"),
    "sales": _("Sales"),
    "scraping": _("Web scraping"),
    "search": _("Search"),
    "security": _("Security"),
    "self-hosted": _("Self-hosted"),
    "sms": _("SMS"),
    "social": _("Social networks"),
    "source-code": _("Source code"),
    "spreadsheets": _("Spreadsheets"),
    "sql": _("SQL"),
    "streaming": _("Streaming"),
    "support": _("Customer support"),
    "vector-store": _("Vector stores"),
    "video": _("Video"),
    "webhooks": _("Webhooks"),
}


def category_label(slug: str) -> str:
    """Readable, whoever wrote the definition."""
    return str(LABELS.get(slug) or label_from_key(slug))


def category_choices(slugs: Iterable[str]) -> list[tuple[str, str]]:
    """`(slug, label)` by label."""
    choices = [(slug, category_label(slug)) for slug in slugs]
    return sorted(choices, key=lambda choice: choice[1].casefold())
