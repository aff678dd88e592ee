"""What no state needs is told of only where it is sure that nobody else needs it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.cfn import template as reading
from constructs_ml.lint import Machine, check_template
from constructs_ml.lint.examples import PROCESSING, policy, run_job, template

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:score"
TOPIC = "arn:aws:sns:us-east-1:111122223333:news"
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
PUBLISH = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": TOPIC}, "End": True}


def too_much() -> dict[str, Any]:
    """A template whose role may publish, which its state does not."""
    made = template(policy("lambda:InvokeFunction", on=FUNCTION), policy("sns:Publish", on=TOPIC))
    return copy.deepcopy(made)


def rules(made: dict[str, Any]) -> list[str]:
    return [found.rule for found in check_template(made)]


def second_machine(resources: dict[str, Any]) -> None:
    """Another state machine with the same role publishes."""
    other = copy.deepcopy(resources["Flow"])
    other["Properties"]["Definition"] = {"StartAt": "Tell", "States": {"Tell": PUBLISH}}
    resources["Other"] = other


def second_machine_in_a_file(resources: dict[str, Any]) -> None:
    """What another state machine with the same role does is not known."""
    other = copy.deepcopy(resources["Flow"])
    del other["Properties"]["Definition"]
    other["Properties"]["DefinitionS3Location"] = {"Bucket": "b", "Key": "k"}
    resources["Other"] = other


def a_function_has_it(resources: dict[str, Any]) -> None:
    """A function runs under the same role."""
    role = {"Fn::GetAtt": ["FlowRole", "Arn"]}
    resources["Function"] = {"Type": "AWS::Lambda::Function", "Properties": {"Role": role}}


def others_may_take_it(resources: dict[str, Any]) -> None:
    """Another service may assume the role."""
    trust = copy.deepcopy(resources["FlowRole"]["Properties"]["AssumeRolePolicyDocument"])
    trust["Statement"][0]["Principal"]["Service"] = ["states.amazonaws.com", "lambda.amazonaws.com"]
    resources["FlowRole"]["Properties"]["AssumeRolePolicyDocument"] = trust


def a_call_that_is_not_known(resources: dict[str, Any]) -> None:
    """The SDK publishes too."""
    definition = resources["Flow"]["Properties"]["Definition"]
    definition["States"]["Call"] = {**definition["States"]["Call"], "Next": "Tell"}
    del definition["States"]["Call"]["End"]
    definition["States"]["Tell"] = {**PUBLISH, "Resource": "arn:aws:states:::aws-sdk:sns:publish"}


@pytest.mark.parametrize(
    "change",
    [second_machine, second_machine_in_a_file, a_function_has_it, others_may_take_it, a_call_that_is_not_known],
    ids=lambda change: change.__name__,
)
def test_what_another_may_need_is_not_told_of(change: Callable[[dict[str, Any]], None]) -> None:
    """Nobody can say that it is too much."""
    made = too_much()
    assert rules(made) == ["CML505"]
    change(made["Resources"])
    assert "CML505" not in rules(made)


def test_a_role_that_is_passed_for_nothing_is_told_of() -> None:
    """The job has another."""
    passed = policy("iam:PassRole", on=str(PROCESSING["RoleArn"]), condition=TO_SAGEMAKER)
    other = policy("iam:PassRole", on="arn:aws:iam::111122223333:role/Admin", condition=TO_SAGEMAKER)
    found = check_template(run_job(passed, other))
    assert [item.rule for item in found] == ["CML505"]
    assert "role/Admin" in found[0].message


def test_a_queue_that_lets_the_role_in_is_enough() -> None:
    """A resource's own policy may allow what the role's does not."""
    made = copy.deepcopy(template())
    assert rules(made) == ["CML501"]
    principal = {"AWS": {"Fn::GetAtt": ["FlowRole", "Arn"]}}
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Principal": principal}
    made["Resources"]["Permission"] = {"Type": "AWS::Lambda::Permission", "Properties": statement}
    assert rules(made) == []


def test_a_role_from_elsewhere_is_not_judged() -> None:
    """Its policies are not known."""
    made = copy.deepcopy(template())
    made["Resources"]["Flow"]["Properties"]["RoleArn"] = "arn:aws:iam::111122223333:role/Flow"
    assert rules(made) == []


def test_other_services_are_passed_roles_that_no_state_names() -> None:
    """The roles of a task of ECS stand in its task definition; aws-cdk-lib passes them without a condition."""
    made = copy.deepcopy(
        template(policy("lambda:InvokeFunction", on=FUNCTION), policy("iam:PassRole", on="arn:aws:iam::1:role/Task"))
    )
    assert "CML502" in rules(made)
    definition = made["Resources"]["Flow"]["Properties"]["Definition"]
    definition["States"]["Call"] = {**definition["States"]["Call"], "Next": "Run"}
    del definition["States"]["Call"]["End"]
    definition["States"]["Run"] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask",
        "Parameters": {},
        "End": True,
    }
    assert "CML502" not in rules(made)


def test_machines_with_one_role_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks what the others need has them from there where they were read."""
    reads = []

    def counted(*args: Any, **fields: Any) -> Machine:
        reads.append(args)
        return Machine(*args, **fields)

    monkeypatch.setattr(reading, "Machine", counted)
    made = too_much()
    flow = made["Resources"]["Flow"]
    made["Resources"] |= {f"Flow{at}": copy.deepcopy(flow) for at in range(9)}
    assert rules(made) == ["CML505"] * 10
    assert len(reads) == 10
