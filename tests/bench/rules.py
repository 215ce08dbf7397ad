"""The rules alone: what the requirements serializer takes for one body, in a process of its own.

Run by the harness with the application's environment; prints microseconds.
"""

import sys
import timeit
from statistics import median

import django

from tests.bench.five_fields import CONFIG, CREDENTIALS, METHOD, SLUG

BATCHES, IN_A_BATCH = 15, 400


def microseconds() -> float:
    """The median of several batches, each the mean of many runs."""
    # These read the registry of applications: they can be imported once that is set up.
    from integrations.catalogue import current_catalogue
    from integrations.requirements import requirements_for

    integration = current_catalogue().get(SLUG, None)
    serializer_class = requirements_for(integration, integration.method(METHOD))

    def check() -> None:
        serializer = serializer_class(data={"credentials": CREDENTIALS, "config": CONFIG})
        if not serializer.is_valid():
            raise RuntimeError(f"the benchmark's body is refused: {serializer.errors}")

    check()
    batches = timeit.repeat(check, repeat=BATCHES, number=IN_A_BATCH)
    return 1e6 * median(batches) / IN_A_BATCH


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(f"{microseconds()}\n")
