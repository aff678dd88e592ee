"""CML508."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import resources
from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.errors import Violation
from constructs_ml.iam.required_by_state import needs_of
from constructs_ml.iam.trust import trusted, trusts
from constructs_ml.lint.examples import PROCESSING, policy, run_job
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.machine import Machine

_ROLE = re.compile(r"\$\{Token\[(\w+)\.Arn\]\}")


def _job(service: str) -> Mapping[str, Any]:
    passed = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    made = run_job(policy("iam:PassRole", on="arn:aws:iam::111122223333:role/Jobs", condition=passed))
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    found = made["Resources"]
    flow = found["Flow"]["Properties"]
    request = {**PROCESSING, "RoleArn": {"Fn::GetAtt": ["JobRole", "Arn"]}}
    state = {**flow["Definition"]["States"]["Call"], "Parameters": request}
    definition = {**flow["Definition"], "States": {"Call": state}}
    policies = found["FlowRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    policies[1]["Resource"] = {"Fn::GetAtt": ["JobRole", "Arn"]}
    jobs = {"JobRole": {"Type": "AWS::IAM::Role", "Properties": role}}
    return {"Resources": {**found, **jobs, "Flow": {**found["Flow"], "Properties": {**flow, "Definition": definition}}}}


@rule(
    "CML508",
    title="The role of a job trusts SageMaker",
    reason="SageMaker refuses the request with a ValidationException, as it cannot assume the role. Source: 'How to "
    "use SageMaker AI execution roles' of the SageMaker developer guide. Roles outside the template are not checked.",
    bad=_job("lambda"),
    good=_job("sagemaker"),
)
def role_of_a_job(machine: Machine) -> Iterator[Violation]:
    """Roles of the template that requests pass to a service that cannot assume them."""
    resolver = Resolver(machine.template)
    for need, states in needs_of(machine).known.items():
        found = _ROLE.fullmatch(need.resources[0]) if need.passed_to else None
        role = fields_of(resources(machine).get(found[1])) if found else {}
        if not found or role.get("Type") != "AWS::IAM::Role":
            continue
        properties = fields_of(resolver.resolve(role.get("Properties")))
        service = need.passed_to.partition(".")[0]
        if not trusts(properties, service):
            names = ", ".join(trusted(properties)) or "no service"
            problem = f"passes the role {found[1]}, whose trust policy names {names} instead of {need.passed_to}"
            fix = f'add {{"Service": "{need.passed_to}"}} to the Principal of its AssumeRolePolicyDocument'
            yield Violation(states[0], "", problem, fix)
