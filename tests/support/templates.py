"""Reads templates as a deployment would: every intrinsic function becomes the value that CloudFormation gives it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

ACCOUNT = "111122223333"

_ARNS = {
    "AWS::EC2::SecurityGroup": "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
    "AWS::ECS::TaskDefinition": "arn:{partition}:ecs:{region}:{account}:task-definition/{id}:1",
    "AWS::ECR::Repository": "arn:{partition}:ecr:{region}:{account}:repository/{id}",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{id}",
    "AWS::IAM::ManagedPolicy": "arn:{partition}:iam::{account}:policy/{id}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{id}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/{id}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{id}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{id}:*",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{id}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{id}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{id}",
    "AWS::StepFunctions::StateMachine": "arn:{partition}:states:{region}:{account}:stateMachine:{id}",
}
_REF_IS_ARN = {
    "AWS::ECS::TaskDefinition",
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
}


@dataclass(frozen=True)
class Deployment:
    """A template and where it is deployed."""

    template: dict[str, Any]
    partition: str = "aws"
    region: str = "us-east-1"
    account: str = ACCOUNT
    url_suffix: str = "amazonaws.com"

    def resolve(self, value: Any) -> Any:
        """A value of the template without intrinsic functions."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._call(key, argument)
        return {key: self.resolve(item) for key, item in value.items()}

    def resources(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a type, resolved, by logical id."""
        return {
            name: self.resolve(resource.get("Properties", {}))
            for name, resource in self.template["Resources"].items()
            if resource["Type"] == kind
        }

    def _call(self, function: str, argument: Any) -> Any:
        name = function.removeprefix("Fn::").lower()
        reader = getattr(self, f"_{name}", None)
        assert reader is not None, f"{function} is not read yet"
        return reader(argument)

    def _getatt(self, argument: Any) -> str:
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        kind = self.template["Resources"][name]["Type"]
        return self._arn(name, kind) if attribute == "Arn" and kind in _ARNS else f"{name.lower()}.{attribute}"

    def _join(self, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self.resolve(parts))

    def _select(self, argument: Any) -> Any:
        return self.resolve(argument[1])[int(argument[0])]

    def _split(self, argument: Any) -> list[str]:
        return list(self.resolve(argument[1]).split(argument[0]))

    def _findinmap(self, argument: Any) -> Any:
        mapping, first, second = self.resolve(argument)
        return self.template["Mappings"][mapping][first][second]

    def _importvalue(self, argument: Any) -> str:
        return f"import-{argument}"

    def _getazs(self, _: Any) -> list[str]:
        return [f"{self.region}{letter}" for letter in "abc"]

    def _sub(self, argument: Any) -> str:
        text, values = (argument, {}) if isinstance(argument, str) else argument

        def value(found: re.Match[str]) -> str:
            name = found[1]
            return str(self.resolve(values[name]) if name in values else self._ref(name))

        return re.sub(r"\$\{([\w:]+)\}", value, text)

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::NoValue": None,
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::StackId": f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/S/1",
            "AWS::StackName": "S",
            "AWS::URLSuffix": self.url_suffix,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.template.get("Parameters", {}):
            return f"parameter-{name}"
        kind = self.template["Resources"][name]["Type"]
        return self._arn(name, kind) if kind in _REF_IS_ARN else name.lower()

    def _arn(self, name: str, kind: str) -> str:
        place = {"partition": self.partition, "region": self.region, "account": self.account}
        return _ARNS[kind].format(id=name.lower(), **place)


def definition(template: dict[str, Any], logical_id: str = "", **place: str) -> dict[str, Any]:
    """The definition of the template's state machine (of the one whose logical id starts so) as plain ASL."""
    machines = Deployment(template, **place).resources("AWS::StepFunctions::StateMachine")
    (machine,) = (found for name, found in machines.items() if name.startswith(logical_id))
    asl: dict[str, Any] = json.loads(machine["DefinitionString"])
    return asl


def states(asl: dict[str, Any]) -> dict[str, Any]:
    """All states of a definition by name, those inside Parallel and Map too."""
    found: dict[str, Any] = {}
    for name, state in asl["States"].items():
        found[name] = state
        inner = [*state.get("Branches", []), state.get("ItemProcessor"), state.get("Iterator")]
        for part in inner:
            found |= states(part) if part else {}
    return found


def statements(template: dict[str, Any], logical_id: str = "", **place: str) -> list[dict[str, Any]]:
    """The statements of the template's policies (of those whose logical ids start so), resolved, with lists throughout."""
    policies = Deployment(template, **place).resources("AWS::IAM::Policy")
    return [
        {**statement, "Action": _listed(statement["Action"]), "Resource": _listed(statement["Resource"])}
        for name, policy in policies.items()
        if name.startswith(logical_id)
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
