"""What each attribute means, for those who write definitions in the editor."""

from django.utils.translation import gettext_lazy as _

FIELD_HELP = {
    "key": _("Its name for programs and in templates: {key}. Letters, digits, _ . -"),
    "label": _("What people read. Without one it is made from the key."),
    "type": _("What it may hold, and which input people get."),
    "target": _("Credentials authenticate; configuration says where and how."),
    "order": _("Fields stand in this order; those of the same number in the order of the list."),
    "required": _("It must be filled in, unless its condition hides it."),
    "secure": _(
        "Stored encrypted and never shown again. Unknown: as its target says, "
        "secret for credentials."
    ),
    "help_text": _("Stands below the input: where the value is found, in a sentence."),
    "placeholder": _("Shown in the empty input. No place for instructions: it vanishes."),
    "docs_url": _("The page of the service that shows where the value is found."),
    "prefix": _("Shown before the input and taken off a paste: https://"),
    "suffix": _("Shown after the input and taken off a paste: .example.com"),
    "group": _("Fields of the same group stand together under this title."),
    "stage": _(
        "When connecting: people fill it in. Setup: staff do, once for each workspace. "
        "Automatic: the system does."
    ),
    "advanced": _("Folded away under “Advanced settings”."),
    "expires": _("The value has an end that is worth watching."),
    "deprecated": _("Still accepted, no longer shown."),
    "min_length": _("Characters, or entries of a list."),
    "max_length": _("Characters, or entries of a list. Without one: what the type says."),
    "minimum": _("The smallest number."),
    "maximum": _("The greatest number."),
    "pattern": _(
        "A regular expression that the whole value has to match. Linear time: no look-around "
        "and no back-references."
    ),
    "pattern_message": _("Goes on after “Field ‘Label’ …”: must start with acme_"),
    "forbidden_pattern": _("Must not be found anywhere in the value."),
    "pem_type": _("For a PEM: what the file has to hold."),
    "default": _("Filled in when nothing is said. Never for a secret."),
    "const": _("Always this value; nobody is asked. Never for a secret."),
    "required_if": _("The same shape: required while the other field has one of these values."),
}

METHOD_HELP = {
    "slug": _("Its name for programs and files. It stays."),
    "kind": _("Brings fields and rules of its own, and says how values authenticate a request."),
    "is_default": _("Taken where nobody chooses."),
    "order": _("Methods are offered in this order."),
    "description": _("One sentence that helps to choose between methods."),
    "docs_url": _("The page of the service about this way to authenticate."),
}

INTEGRATION_HELP = {
    "slug": _("Its name for programs, addresses and files. It stays."),
    "type": _("Programs have to say it when they create a connection."),
    "is_enabled": _("Off: nobody finds it or connects it; connections keep working."),
    "description": _("One sentence in the gallery."),
    "logo_url": _("An address with https. Without one, the first letter stands in."),
    "docs_url": _("The documentation of the service, for those who connect."),
    "workspace_id": _("The id of the only workspace that sees it; blank for everybody."),
}
