"""The workflow that the seeded defects are put into has none of its own."""

from __future__ import annotations

import pytest
from support.workflows import census_machine

from constructs_ml.lint import check_machine


@pytest.mark.parametrize("jsonata", [False, True])
def test_the_census_workflow_is_right(jsonata: bool) -> None:
    """Nothing is found in it, in either query language."""
    assert [str(found) for found in check_machine(census_machine(jsonata=jsonata))] == []
