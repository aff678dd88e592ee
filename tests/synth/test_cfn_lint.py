"""cfn-lint finds nothing in the template of any stack, nor in what CloudFormation makes of it in each partition."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from every_stack import EVERY_STACK
from support.templates import states
from synth_resolve import resolved
from synth_stacks import REGIONS, example_template, template_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FALSE_ALARMS = [
    # The state machine names its role and its policy in DependsOn; that of the role is implied by RoleArn.
    # aws-cdk-lib writes both, so that the first execution has its permissions.
    "W3005",
]
UNAVAILABLE = {
    ("every kind", "aws-us-gov"): "modelmonitor",
    ("hosting", "aws-cn"): "'AWS::SageMaker::ModelPackageGroup' does not exist in 'cn-north-1'",
    ("jsonata steps", "aws-us-gov"): "modelmonitor",
    ("steps", "aws-us-gov"): "modelmonitor",
}
"""What cannot be deployed everywhere: the framework whose images are not there, or what cfn-lint says of it."""
DEPLOYED = [
    pytest.param(stack, partition, marks=() if partition == "aws" else pytest.mark.long)
    for stack in EVERY_STACK
    for partition in REGIONS
    if (stack, partition) not in UNAVAILABLE
]


def findings(template: dict[str, Any], *regions: str, ignored: Sequence[str] = FALSE_ALARMS) -> list[str]:
    options = ManualArgs(regions=list(regions), ignore_checks=list(ignored))
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template), config=options)]


@cache
def _template(stack: str) -> str:
    return json.dumps(template_of(EVERY_STACK[stack]))


def deployed(stack: str, partition: str) -> dict[str, Any]:
    """What CloudFormation makes of a template, as far as cfn-lint can tell right from wrong."""
    template = resolved(json.loads(_template(stack)), partition, REGIONS[partition])
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            text = resource["Properties"]["DefinitionString"]
            # Its pattern of a task's resource knows one partition.
            definition = json.loads(text.replace(f"arn:{partition}:states:::", "arn:aws:states:::"))
            for state in states(definition).values():
                # It knows no expression for seconds and none for all arguments in a machine whose language is JSONPath.
                if state["Type"] == "Wait" and str(state.get("Seconds")).startswith("{% $wait"):
                    state["Seconds"] = 1
                if isinstance(state.get("Arguments"), str):
                    state["Arguments"] = {}
            resource["Properties"]["DefinitionString"] = json.dumps(definition)
    return template


@pytest.mark.parametrize("stack", EVERY_STACK)
def test_a_template_has_no_errors_and_no_warnings(stack: str) -> None:
    """As it is written, for a region of each partition."""
    regions = [region for partition, region in REGIONS.items() if (stack, partition) not in UNAVAILABLE]
    assert findings(json.loads(_template(stack)), *regions) == []


@pytest.mark.parametrize(("stack", "partition"), DEPLOYED)
def test_what_is_deployed_has_no_errors_and_no_warnings(stack: str, partition: str) -> None:
    """As CloudFormation resolves it; the availability zones are then names."""
    assert findings(deployed(stack, partition), REGIONS[partition], ignored=[*FALSE_ALARMS, "W3010"]) == []


@pytest.mark.parametrize(("stack", "partition"), UNAVAILABLE)
def test_what_is_left_out_cannot_be_deployed_there(stack: str, partition: str) -> None:
    """For the reason that is given."""
    try:
        found = str(findings(deployed(stack, partition), REGIONS[partition]))
    except KeyError as error:
        found = str(error)
    assert UNAVAILABLE[stack, partition] in found


def test_the_false_alarms_are_still_raised() -> None:
    """Else their exceptions can go."""
    assert [finding[:5] for finding in findings(example_template(), REGIONS["aws"], ignored=())] == FALSE_ALARMS
    found = findings(resolved(example_template(), "aws-cn", REGIONS["aws-cn"]), REGIONS["aws-cn"])
    assert found
    assert all("arn:aws-cn:states:::" in finding and "match '^arn:aws:" in finding for finding in found)


def test_cfn_lint_sees_into_a_resolved_definition() -> None:
    """A state without its resource is an error."""
    template = resolved(example_template(), "aws", REGIONS["aws"])
    (machine,) = [item for item in template["Resources"].values() if item["Type"] == "AWS::StepFunctions::StateMachine"]
    definition = json.loads(machine["Properties"]["DefinitionString"])
    del definition["States"]["Preprocess"]["Resource"]
    machine["Properties"]["DefinitionString"] = json.dumps(definition)
    assert any("Resource" in finding for finding in findings(template, REGIONS["aws"]))
