"""Templates as CloudFormation would see them after deployment: no intrinsic functions left."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "111122223333"
SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}
ARNS = {
    "AWS::ECR::Repository": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/12345678-1234-1234-1234-123456789012",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{name}",
    "AWS::StepFunctions::StateMachine": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
}
NAMED_BY_ARN = ("AWS::SNS::Topic", "AWS::StepFunctions::StateMachine")
"""The types whose ``Ref`` is an ARN."""
IDS = {
    "AWS::EC2::InternetGateway": "igw",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::VPC": "vpc",
}
"""What the ids of such resources start with."""
_VARIABLE = re.compile(r"\$\{([\w:.]+)\}")


class Resolver:
    """Resolves the intrinsic functions of one template in one partition and region."""

    def __init__(self, template: dict[str, Any], partition: str, region: str) -> None:
        self.template = template
        self.partition = partition
        self.region = region
        self.pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackName": "Penguins",
            "AWS::URLSuffix": SUFFIXES[partition],
        }

    def resolve(self, value: Any) -> Any:
        """A value without intrinsic functions."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            if function == "Ref":
                return self._ref(argument)
            if function.startswith("Fn::"):
                return getattr(self, f"_{function[4:].lower()}")(argument)
        return {key: self.resolve(item) for key, item in value.items()}

    def _ref(self, name: str) -> str:
        if name in self.pseudo:
            return self.pseudo[name]
        kind = self._type(name)
        if kind in IDS:
            return f"{IDS[kind]}-{sha256(name.encode()).hexdigest()[:17]}"
        return self._getatt([name, "Arn"]) if kind in NAMED_BY_ARN else name.lower()

    def _getatt(self, argument: list[str]) -> str:
        name, attribute = argument
        if attribute in ("DefaultSecurityGroup", "GroupId"):
            return "sg-0123456789abcdef0"
        assert attribute == "Arn", argument
        return ARNS[self._type(name)].format(
            partition=self.partition, region=self.region, account=ACCOUNT, name=name.lower()
        )

    def _join(self, argument: list[Any]) -> str:
        return str(argument[0]).join(self.resolve(part) for part in argument[1])

    def _sub(self, argument: str) -> str:
        return _VARIABLE.sub(lambda found: self._ref(found[1]), argument)

    def _findinmap(self, argument: list[Any]) -> str:
        mapping, first, second = (self.resolve(item) for item in argument)
        value: str = self.template["Mappings"][mapping][first][second]
        return value

    def _select(self, argument: list[Any]) -> str:
        index, values = argument
        chosen: str = self.resolve(values)[int(index)]
        return chosen

    def _split(self, argument: list[Any]) -> list[str]:
        separator, text = argument
        return str(self.resolve(text)).split(separator)

    def _getazs(self, _: str) -> list[str]:
        return [f"{self.region}{letter}" for letter in "abc"]

    def _type(self, name: str) -> str:
        kind: str = self.template["Resources"][name]["Type"]
        return kind


def resolved(template: dict[str, Any], partition: str, region: str) -> dict[str, Any]:
    """The resources and outputs of a template without intrinsic functions, and so without what only those refer to."""
    resolver = Resolver(template, partition, region)
    return {section: resolver.resolve(template.get(section, {})) for section in ("Resources", "Outputs")}


def definition_of(template: dict[str, Any], partition: str = "aws", region: str = "eu-west-1") -> dict[str, Any]:
    """The definition of the first state machine of a template, as Step Functions would get it."""
    machines = (item for item in template["Resources"].values() if item["Type"] == "AWS::StepFunctions::StateMachine")
    text = Resolver(template, partition, region).resolve(next(machines)["Properties"]["DefinitionString"])
    definition: dict[str, Any] = json.loads(text)
    return definition


def legible(value: Any) -> Any:
    """A template for people: intrinsic functions as ``${Bucket.Arn}``, the definition as JSON, assets without hashes."""
    if isinstance(value, list):
        return [legible(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"[0-9a-f]{64}", "<asset>", value)
    if not isinstance(value, dict):
        return value
    (function, argument), *others = value.items() or [("", None)]
    if function in _SHOWN and not others:
        return _SHOWN[function](argument)
    shown = {key: legible(item) for key, item in value.items()}
    if "DefinitionString" in shown:
        shown["DefinitionString"] = json.loads(shown["DefinitionString"])
    return shown


_SHOWN: dict[str, Callable[[Any], str]] = {
    "Ref": lambda name: f"${{{name}}}",
    "Fn::GetAtt": lambda path: f"${{{'.'.join(path)}}}",
    "Fn::FindInMap": lambda keys: f"${{{keys[0]}.{legible(keys[1])}.{keys[2]}}}",
    "Fn::Sub": legible,
    "Fn::Join": lambda join: str(join[0]).join(legible(part) for part in join[1]),
}
