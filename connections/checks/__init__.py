"""Live tests: whether a service accepts a credential, asked of the service itself.

One module per protocol, one name each in the registry. Everything leaves through `egress`; this
room knows no models.
"""

from connections.checks.outcomes import Outcome
from connections.checks.registry import CHECKS, run_check

__all__ = ["CHECKS", "Outcome", "run_check"]
