"""How far the example is from the limits of CloudFormation, IAM and Step Functions."""

from __future__ import annotations

import json

from support.each import each
from synth_resolve import definition_of, resolved
from synth_stacks import example_template

KIB = 1024


def test_the_template_is_small() -> None:
    template = example_template()
    assert len(template["Resources"]) <= 20  # of 500
    assert len(json.dumps(template)) <= 32 * KIB  # of 1 MiB


def test_the_jobs_policy_is_within_what_a_role_may_have_inline() -> None:
    resources = resolved(example_template(), "aws-us-gov", "us-gov-west-1")["Resources"]
    policies = [item["Properties"] for item in resources.values() if item["Type"] == "AWS::IAM::Policy"]
    assert all(len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) <= 10_240 for policy in each(policies))


def test_the_definition_is_small() -> None:
    assert len(json.dumps(definition_of(example_template()))) <= 16 * KIB  # of 1 MiB
