"""What pytest does otherwise under mutation: every run is the same, and no cache hides a mutant.

Mutants are forked from a process that has run all tests. What a cached function gave there is forgotten, or else a mutant of
it would never be called; and while mutmut learns which test reaches which function, each test has to fill the caches anew.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

# Few examples are enough to kill a mutant; random ones would make the score differ from run to run.
settings.register_profile("mutation", deadline=None, derandomize=True, max_examples=25, database=None)


def pytest_configure() -> None:
    """Comes after tests/conftest.py, which loads the profile of the usual suite."""
    settings.load_profile("mutation")
    forget()


def pytest_runtest_setup(item: pytest.Item) -> None:  # noqa: ARG001 - pytest names it
    """Empties the caches before each test of the run that learns what tests reach."""
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        forget()


def forget() -> None:
    """Empties the caches of the library."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "constructs_ml"]:
        for value in vars(sys.modules[name]).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
