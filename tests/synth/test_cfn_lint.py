"""cfn-lint finds nothing in the example's template, nor in what CloudFormation makes of it in each partition."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from synth_resolve import resolved
from synth_stacks import REGIONS, example_template

FALSE_ALARMS = [
    # The state machine names its role and its policy in DependsOn; that of the role is implied by RoleArn.
    # aws-cdk-lib writes both, so that the first execution has its permissions.
    "W3005",
]


def findings(template: dict[str, Any], region: str, *ignored: str) -> list[str]:
    options = ManualArgs(regions=[region], ignore_checks=list(ignored))
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template), config=options)]


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_the_template_has_no_errors_and_no_warnings(region: str) -> None:
    assert findings(example_template(), region, *FALSE_ALARMS) == []


@pytest.mark.parametrize(("partition", "region"), REGIONS.items(), ids=REGIONS)
def test_what_is_deployed_has_no_errors_and_no_warnings(partition: str, region: str) -> None:
    found = findings(resolved(example_template(), partition, region), region, *FALSE_ALARMS)
    assert [finding for finding in found if not knows_only_aws(finding, partition)] == []


def knows_only_aws(finding: str, partition: str) -> bool:
    """Whether it is a false alarm: cfn-lint's pattern of a task's resource knows one partition, ``arn:aws:``."""
    return finding.startswith(f"E3601 'arn:{partition}:states:::sagemaker:") and "match '^arn:aws:" in finding


def test_the_false_alarm_is_still_raised() -> None:
    assert [finding[:5] for finding in findings(example_template(), REGIONS["aws"])] == FALSE_ALARMS


def test_cfn_lint_sees_into_a_resolved_definition() -> None:
    template = resolved(example_template(), "aws", REGIONS["aws"])
    (machine,) = [item for item in template["Resources"].values() if item["Type"] == "AWS::StepFunctions::StateMachine"]
    definition = json.loads(machine["Properties"]["DefinitionString"])
    del definition["States"]["Preprocess"]["Resource"]
    machine["Properties"]["DefinitionString"] = json.dumps(definition)
    assert any("Resource" in finding for finding in findings(template, REGIONS["aws"], *FALSE_ALARMS))
