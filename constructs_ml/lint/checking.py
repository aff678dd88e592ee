"""Runs the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Machine
from constructs_ml.asl.values import with_text_keys
from constructs_ml.cfn.resources import Resources
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import ConstructsMLError
from constructs_ml.lint.registry import machine_rules, template_rules

if TYPE_CHECKING:
    from constructs_ml.errors import Violation


def check_machine(machine: Machine) -> list[Violation]:
    """Return the violations in a state machine, in the order of the rules."""
    return [found for rule in machine_rules() for found in rule.check(machine)]


def check_resources(template: Mapping[str, Any]) -> list[Violation]:
    """Return the violations in the other resources of a template, in the order of the rules.

    Args:
        template: The template, as JSON data.
    """
    resources = Resources(template)
    return [found for rule in template_rules() for found in rule.check(resources)]


def check_definition(definition: Mapping[str, Any], *, name: str = "") -> list[Violation]:
    """Return the violations in a definition in the Amazon States Language.

    Args:
        definition: The definition, as JSON data.
        name: The name of the state machine in the violations.

    Raises:
        ConstructsMLError: If it is not an object.
    """
    _must_be_object("definition", definition)
    return check_machine(Machine(with_text_keys(definition), name))


def check_template(template: Mapping[str, Any], *, written: int = 0) -> list[Violation]:
    """Return the violations in a CloudFormation template: in its state machines, event rules and roles.

    Args:
        template: The template, as JSON data.
        written: The size of its file in bytes, which has a quota; by default, the size that aws-cdk-lib would write.

    Raises:
        ConstructsMLError: If it is not an object.
    """
    _must_be_object("template", template)
    found = [found for machine in machines_of(template, written=written) for found in check_machine(machine)]
    return [*found, *check_resources(template)]


def _must_be_object(name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        fix = "; pass json.loads(text)" if isinstance(value, (str, bytes)) else ""
        raise ConstructsMLError(f"the {name} must be a JSON object, got {type(value).__name__}{fix}")
