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
HAND_OVER = "Hand it over"
THANK_YOU = "Thank you"
ALL_ASKED = "All that you asked for"
GO_TO_CONNECTION = "Go to the connection"
CANCEL_LINK = "Do not connect"
INVITE = "Invite"
JOIN = "Join"
EMAIL_ADDRESS = "E-mail address"
CHOOSE_PASSWORD = "Choose a password"
COPIED = "I have copied it"
NEW_KEY = "New key"
MAKE_KEY = "Make the key"
MAKE_SECRET = "Make a new secret"
CONFIRM = "Confirm"
SHOW_SECRETS = "Show secrets"
PREVIEW = "Preview"
WHAT_WILL_BREAK = "What will break"
ADD_FIELD = "Add another Field"
REMOVE = "Remove"
SAVE_ANYWAY = "Save anyway"
CODE = "Authenticator code"
LOGIN_CODE = "Code"
APPLY = "Apply"
OLD_SECRET_ENDS = "The old secret ends"
SET_UP_APP = "Set up an app"
SET_UP = "Set up"
SESSIONS = "Where you are signed in"
END_OTHERS = "End all others"
ADD_PASSKEY = "Add a passkey"
ADD_IT = "Add it"
SIGN_IN_WITH_PASSKEY = "Sign in with a passkey"

CONNECTED = "Connected."
SAVED = "Saved."
DELETED = "Deleted."
IS_BACK = "It is back, as it was."
ROLE_CHANGED = "The role was changed."
IS_CONNECTED = "Connected"
ACTIVE = "Active"
ERROR = "Error"
SWITCHED_OFF = "Switched off"
# Cause of a refused key, and with its remedy.
REFUSED = "The service does not accept the credential"
NOT_ACCEPTED = f"{REFUSED}. Check that it was copied whole"
NOTHING_SAVED = "Nothing was saved. Please correct this:"


def file_of(label: str) -> str:
    """The label of the input that takes a file in place of what would be typed."""
    return f"… or choose a file for '{label}'"


def undo(label: str) -> str:
    return f"Undo {label}"


def ask_for(label: str) -> str:
    return f"Ask someone else for {label}"


def connect_with(name: str) -> str:
    return f"Connect with {name}"


def continue_to(name: str) -> str:
    return f"Continue to {name}"
