"""What the journeys read and press. A text that changes on the pages changes here, once."""

SEARCH = "Search"
CONNECT = "Connect"
SAVE = "Save"
EDIT = "Edit"
TEST_NOW = "Test now"
SWITCH_OFF = "Switch off"
DELETE = "Delete"
DELETE_IT = "Delete it"
SIGN_IN = "Sign in"
SIGN_OUT = "Sign out"
USER_NAME = "User name or e-mail address"
PASSWORD = "Password"
SKIP = "Skip to the content"

CONNECTED = "Connected."
SAVED = "Saved."
DELETED = "Deleted."
ACTIVE = "Active"
ERROR = "Error"
SWITCHED_OFF = "Switched off"
# Cause and remedy of a refused key.
NOT_ACCEPTED = "The service does not accept the credential. Check that it was copied whole"
NOTHING_SAVED = "Nothing was saved. Please correct this:"


def file_of(label: str) -> str:
    """The label of the input that takes a file in place of what would be typed."""
    return f"… or choose a file for '{label}'"


def connect_with(name: str) -> str:
    return f"Connect with {name}"


def continue_to(name: str) -> str:
    return f"Continue to {name}"
