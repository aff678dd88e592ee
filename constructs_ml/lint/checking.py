"""Runs the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import Machine
from constructs_ml.cfn.resources import Resources
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import ConstructsMLError
from constructs_ml.lint.registry import machine_rules, template_rules

if TYPE_CHECKING:
    from constructs_ml.errors import Violation


def check_machine(machine: Machine) -> list[Violation]:
    """What is wrong with a state machine, by rule."""
    return [found for rule in machine_rules() for found in rule.check(machine)]


def check_resources(template: Mapping[str, Any]) -> list[Violation]:
    """What is wrong with what stands beside the state machines of a template, by rule.

    Args:
        template: The template, as JSON data.
    """
    resources = Resources(template)
    return [found for rule in template_rules() for found in rule.check(resources)]


def check_definition(definition: Mapping[str, Any], *, name: str = "") -> list[Violation]:
    """What is wrong with a definition in the Amazon States Language.

    Args:
        definition: The definition, as JSON data.
        name: What it is called in the violations.

    Raises:
        ConstructsMLError: If it is no object.
    """
    _must_be_object("definition", definition)
    return check_machine(Machine(_with_texts(definition), name))


def check_template(template: Mapping[str, Any], *, written: int = 0) -> list[Violation]:
    """What is wrong with the state machines of a CloudFormation template, its event rules, and what roles lack.

    Args:
        template: The template, as JSON data.
        written: The bytes of its file, which have a quota; without, it counts as aws-cdk-lib would write it.

    Raises:
        ConstructsMLError: If it is no object.
    """
    _must_be_object("template", template)
    found = [found for machine in machines_of(template, written=written) for found in check_machine(machine)]
    return [*found, *check_resources(template)]


def _must_be_object(name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        fix = "; pass json.loads(text)" if isinstance(value, (str, bytes)) else ""
        raise ConstructsMLError(f"the {name} must be an object of JSON, got {type(value).__name__}{fix}")


def _with_texts(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value whose keys are texts, as in JSON: YAML has others too."""
    if isinstance(value, Mapping):
        return {str(key): _with_texts(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_texts(item) for item in value]
    return value
