"""Features that not every version of aws-cdk-lib has; docs/development.md lists what was tried."""

from __future__ import annotations

import re
from functools import cache

PLUGINS_HOLD = (2, 271)
"""The first version whose plugins can take the checks.

Up to 2.250 there are none. Up to 2.261 what they find sets the exit code of Node and fails no synthesis in Python. Up to
2.270 an acknowledgement clears a rule in the whole app, wherever it was made.
"""


@cache
def version_of(distribution: str) -> tuple[int, int] | None:
    """Return the major and the minor version of what is installed; None if it is not.

    Args:
        distribution: Its name in the package index.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = re.match(r"(\d+)\.(\d+)", version(distribution))
    except PackageNotFoundError:
        return None
    return (int(found[1]), int(found[2])) if found else None


@cache
def plugins_hold() -> bool:
    """Return whether aws-cdk-lib's plugins fail a synthesis, and its acknowledgements hold where they are made."""
    # An aws-cdk-lib that was copied without its metadata is taken for the newest.
    return (version_of("aws-cdk-lib") or PLUGINS_HOLD) >= PLUGINS_HOLD


@cache
def nag_reads_templates() -> bool:
    """Return whether a cdk-nag is installed that reads acknowledgements from the metadata of resources, as 2 does."""
    found = version_of("cdk-nag")
    return found is not None and found < (3, 0)
