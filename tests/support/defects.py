"""Breaks a right workflow in one place, as a user might, and checks it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.lint import Violation, check_machine, check_template
from support.templates import states
from support.workflows import census_machine, census_template

if TYPE_CHECKING:
    from collections.abc import Callable


def violations(defect: Callable[[dict[str, Any]], object], *, jsonata: bool = False) -> list[Violation]:
    """What is found in the census workflow after a change.

    Args:
        defect: Changes the states, which it is given by name, those inside Parallel and Map too.
        jsonata: Whether the workflow is in JSONata.
    """
    return definition_violations(lambda body: defect(states(body)), jsonata=jsonata)


def definition_violations(defect: Callable[[dict[str, Any]], object], *, jsonata: bool = False) -> list[Violation]:
    """The same, for a change of the whole definition."""
    machine = census_machine(jsonata=jsonata)
    body = copy.deepcopy(dict(machine.body))
    defect(body)
    return check_machine(replace(machine, body=body))


def template_violations(defect: Callable[[dict[str, Any]], object], *, jsonata: bool = False) -> list[Violation]:
    """The same, for a change of the template's resources, which it is given by logical id."""
    template = census_template(jsonata=jsonata)
    defect(template["Resources"])
    return check_template(template)
