"""django-allauth's app of accounts, with its middleware as mielto/middleware.py has it."""

from allauth.account import checks
from allauth.account.apps import AccountConfig as _AccountConfig


class AccountConfig(_AccountConfig):
    """allauth looks for its own class by name; ours is that class on every path with a session."""

    checks = checks

    def ready(self) -> None:
        pass
