"""cfn-lint finds nothing in the template of any stack, nor in what CloudFormation makes of it in each partition."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from every_stack import EVERY_STACK
from support.templates import states
from synth_resolve import resolved
from synth_stacks import REGIONS, example_template, template_of

FALSE_ALARMS = [
    # The state machine names its role and its policy in DependsOn; that of the role is implied by RoleArn.
    # aws-cdk-lib writes both, so that the first execution has its permissions.
    "W3005",
]


def findings(template: dict[str, Any], region: str, *ignored: str) -> list[str]:
    options = ManualArgs(regions=[region], ignore_checks=list(ignored))
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template), config=options)]


@pytest.fixture(scope="session")
def templates() -> dict[str, dict[str, Any]]:
    """The template of every stack, which is deployed to any region."""
    return {name: template_of(stack) for name, stack in EVERY_STACK.items()}


@pytest.mark.parametrize(("partition", "region"), REGIONS.items(), ids=REGIONS)
@pytest.mark.parametrize("stack", EVERY_STACK)
def test_a_template_and_what_is_deployed_have_no_errors_and_no_warnings(
    templates: dict[str, dict[str, Any]], stack: str, partition: str, region: str
) -> None:
    """As it is written, and as CloudFormation resolves it."""
    deployed = with_plain_waits(resolved(templates[stack], partition, region))
    found = [*findings(templates[stack], region, *FALSE_ALARMS), *findings(deployed, region, *FALSE_ALARMS)]
    assert [finding for finding in found if not knows_only_aws(finding, partition)] == []


def knows_only_aws(finding: str, partition: str) -> bool:
    """Whether it is a false alarm: cfn-lint's pattern of a task's resource knows one partition, ``arn:aws:``."""
    return finding.startswith(f"E3601 'arn:{partition}:states:::") and "match '^arn:aws:" in finding


def with_plain_waits(template: dict[str, Any]) -> dict[str, Any]:
    """A template in which waits are numbers: cfn-lint knows no expression there in a machine whose language is JSONPath."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            definition = json.loads(resource["Properties"]["DefinitionString"])
            for state in states(definition).values():
                if state["Type"] == "Wait" and str(state.get("Seconds")).startswith("{% $wait"):
                    state["Seconds"] = 1
            resource["Properties"]["DefinitionString"] = json.dumps(definition)
    return template


def test_the_false_alarm_is_still_raised() -> None:
    """Else its exception can go."""
    assert [finding[:5] for finding in findings(example_template(), REGIONS["aws"])] == FALSE_ALARMS


def test_cfn_lint_sees_into_a_resolved_definition() -> None:
    """A state without its resource is an error."""
    template = resolved(example_template(), "aws", REGIONS["aws"])
    (machine,) = [item for item in template["Resources"].values() if item["Type"] == "AWS::StepFunctions::StateMachine"]
    definition = json.loads(machine["Properties"]["DefinitionString"])
    del definition["States"]["Preprocess"]["Resource"]
    machine["Properties"]["DefinitionString"] = json.dumps(definition)
    assert any("Resource" in finding for finding in findings(template, REGIONS["aws"], *FALSE_ALARMS))
