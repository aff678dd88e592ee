"""How long the checks of a large workflow take: 500 states, most of them jobs, as a template with its role's policy.

``python benchmarks/check.py`` prints the seconds of each group of rules, of its slowest rule, and of all rules together,
imports and the reading of botocore's model not counted.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.template import machines_of
from constructs_ml.lint import check_machine
from constructs_ml.lint.examples import PROCESSING, TRAINING, TRANSFORM
from constructs_ml.lint.registry import machine_rules

if TYPE_CHECKING:
    from constructs_ml.lint import Machine
    from constructs_ml.lint.rule import Rule

GROUPS = ("structure", "data flow", "requests", "errors and retries", "sizes", "permissions")
JOBS = (("Processing", PROCESSING), ("Training", TRAINING), ("Transform", TRANSFORM))
ROLE = str(PROCESSING["RoleArn"])
RUNS, EVERY = 5, 5


def job(at: int, following: str) -> dict[str, Any]:
    """A job that writes where the one before it reads, with a Retry and a Catch."""
    kind, request = JOBS[at % len(JOBS)]
    name = f"{kind}JobName"
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::sagemaker:create{kind}Job.sync",
        "Parameters": {**request, f"{name}.$": f"States.Format('churn-{at}-{{}}', States.UUID())"},
        "ResultSelector": {f"{kind}JobStatus.$": f"$.{kind}JobStatus", f"{kind}JobArn.$": f"$.{kind}JobArn"},
        "ResultPath": f"$.Job{at}",
        "Retry": [{"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "IntervalSeconds": 5, "MaxAttempts": 3}],
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.Error", "Next": "Failed"}],
        "Next": following,
    }


def choice(at: int, following: str) -> dict[str, Any]:
    """Goes on if the job before has completed."""
    kind, _ = JOBS[(at - 1) % len(JOBS)]
    path = f"$.Job{at - 1}.{kind}JobStatus"
    way = {"Variable": path, "StringEquals": "Completed", "Next": following}
    return {"Type": "Choice", "Choices": [way], "Default": "Failed"}


def definition(count: int) -> dict[str, Any]:
    """A chain of jobs, each fifth state a Choice."""
    states: dict[str, Any] = {}
    for at in range(count - 2):
        following = f"State{at + 1}" if at < count - 3 else "Done"
        states[f"State{at}"] = choice(at, following) if at % EVERY == EVERY - 1 else job(at, following)
    states["Failed"] = {"Type": "Fail", "Error": "Churn", "Cause": "a job failed"}
    states["Done"] = {"Type": "Succeed"}
    return {"StartAt": "State0", "States": states}


def template(count: int) -> dict[str, Any]:
    """The workflow with a role that is allowed what it needs."""
    place = "us-east-1:111122223333"
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": ROLE,
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        }
    ]
    for kind, _ in JOBS:
        rule = f"arn:aws:events:{place}:rule/StepFunctionsGetEventsForSageMaker{kind}JobsRule"
        verbs = [f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop")]
        names = f"arn:aws:sagemaker:{place}:{kind.lower()}-job/churn-*"
        statements += [
            {"Effect": "Allow", "Action": [*verbs, "sagemaker:AddTags"], "Resource": names},
            {
                "Effect": "Allow",
                "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                "Resource": rule,
            },
        ]
    trust = {
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}]
    }
    policies = [{"PolicyName": "Flow", "PolicyDocument": {"Statement": statements}}]
    role = {"AssumeRolePolicyDocument": trust, "Policies": policies}
    flow = {"DefinitionString": json.dumps(definition(count)), "RoleArn": {"Fn::GetAtt": ["FlowRole", "Arn"]}}
    return {
        "Resources": {
            "FlowRole": {"Type": "AWS::IAM::Role", "Properties": role},
            "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": flow},
        }
    }


def fresh(machine: Machine) -> Machine:
    """The same without what rules have worked out of it."""
    return replace(machine)


def seconds(machine: Machine, rules: list[Rule]) -> float:
    """The least CPU time of some runs of some rules, each on a machine that no rule has seen."""
    times = []
    for _ in range(RUNS):
        seen = fresh(machine)
        start = time.process_time()
        for rule in rules:
            list(rule.check(seen))
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Prints the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=500, help="how many states the workflow has")
    options = parser.parse_args()
    start = time.process_time()
    (machine,) = machines_of(template(options.states))
    reading = time.process_time() - start
    found = check_machine(machine)
    print(
        f"{options.states} states, {len(machine_rules())} rules, {len(found)} found; read from the template in {reading:.3f} s"
    )
    for violation in found[:3]:
        print(f"  {violation}")
    for at, group in enumerate(GROUPS):
        rules = [rule for rule in machine_rules() if rule.id[3] == str(at)]
        slowest = max(rules, key=lambda rule: seconds(machine, [rule]), default=None)
        told = f", {slowest.id} alone {seconds(machine, [slowest]):.3f} s" if slowest else ""
        print(f"{group:20} {len(rules):3} rules {seconds(machine, rules):.3f} s{told}")
    print(f"{'all':20} {len(machine_rules()):3} rules {seconds(machine, list(machine_rules())):.3f} s")


if __name__ == "__main__":
    main()
