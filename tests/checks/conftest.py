"""Every test of this folder may call this machine, and nothing else."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def loopback_is_open(settings: Any) -> None:
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1", "localhost"]
