"""Deployment of a stack of an assembly, with its dependencies, assets and stand-ins."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.assemblies import NESTED_STACK, nested_address
from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.local.aws.arns import partition_of
from constructs_ml.local.emulator.resource_types import Support, near_types, support_of
from constructs_ml.local.runner import assembly as assemblies
from constructs_ml.local.runner.deployment import Deployment, Resource, construct_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from constructs_ml.cfn.assemblies import StackArtifact
    from constructs_ml.local.runner.execution import RunningAws

_DEPLOY_SECONDS = 300
_POLL_SECONDS = 0.05
_FAILED = ("CREATE_FAILED", "UPDATE_FAILED")
_DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_REFERENCE = re.compile(r"\$\{([^}]+)\}")
_QUALIFIER = "hnb659fds"
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_BOOTSTRAP = "/cdk-bootstrap/"
_SSM = "AWS::SSM::Parameter::"


def deploy(
    aws: RunningAws, directory: Path, stack: str | None, parameters: Mapping[str, str] | None = None
) -> Deployment:
    """Deploy a stack of an assembly; see ``LocalAws.deploy``."""
    stacks = assemblies.read(directory)
    order = assemblies.in_order(stacks, assemblies.choose(stacks, stack))
    check(order, aws.stand_in)
    check_parameters(order, parameters or {})
    deployments: list[Deployment] = []
    for found in order:
        deployments.append(_Deploying(aws, found, parameters or {}).run(deployments))
    return deployments[-1]


def check(stacks: Iterable[StackArtifact], stood_in: Collection[str]) -> None:
    """Check that each resource is real in a local run, or can have a stand-in.

    Raises:
        LocalRunError: If one is neither; it names the construct.
    """
    refused = {
        f"{resource['Type']} ({path}){near_types(resource['Type'])}": resource["Type"]
        for stack in stacks
        for path, resource in stack.resources()
        if support_of(resource["Type"], stood_in) is Support.REFUSED
    }
    if refused:
        options = " ".join(f"--stand-in {kind}" for kind in sorted(set(refused.values())))
        raise RunInputError(
            f"a local run has no {'; no '.join(refused)}. If the workflow does not need it, add a stand-in: {options}"
        )


def check_parameters(stacks: Iterable[StackArtifact], given: Mapping[str, str]) -> None:
    """Check that each parameter of the templates has a value.

    Raises:
        LocalRunError: If a parameter has no default and is not given.
    """
    missing = missing_parameters(stacks, given)
    if missing:
        raise RunInputError(f"parameters that the stack does not create are required: {' '.join(missing)}")


def missing_parameters(stacks: Iterable[StackArtifact], given: Mapping[str, str]) -> list[str]:
    """Return the options for the template parameters without a value, each once."""
    stacks = list(stacks)
    made = {
        str((resource.get("Properties") or {}).get("Name"))
        for stack in stacks
        for _, resource in stack.resources()
        if resource["Type"] == "AWS::SSM::Parameter"
    }
    missing = []
    for stack in stacks:
        for name, parameter in (stack.body.get("Parameters") or {}).items():
            default = parameter.get("Default")
            stored = str(parameter.get("Type", "")).startswith(_SSM)
            if name in given or name in stack.parameters or (default is not None and not stored):
                continue
            place = str(default) if stored and default is not None else name
            if place not in given and place not in made and not place.startswith(_BOOTSTRAP):
                missing.append(f"--parameter '{place}=VALUE'")
    return list(dict.fromkeys(missing))


def stood_in_of(stacks: Iterable[StackArtifact], stood_in: Collection[str]) -> list[str]:
    """Return the parts of stacks that have only stand-ins, a line for each service."""
    services: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for stack in stacks:
        for _, resource in stack.resources():
            if support_of(resource["Type"], stood_in) is Support.STOOD_IN:
                _, service, kind = resource["Type"].split("::", 2)
                services[service][kind] += 1
    return [
        f"{service} does nothing: "
        + ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in kinds.items())
        for service, kinds in services.items()
    ]


@dataclass
class _Deploying:
    """The deployment of one stack."""

    aws: RunningAws
    stack: StackArtifact
    given: Mapping[str, str]

    def run(self, before: list[Deployment]) -> Deployment:
        aws, stack = self.aws, self.stack
        if stack.account not in (None, aws.account):
            message = (
                f"stack {stack.name} is for account {stack.account}, but the embedded AWS is {aws.account}: "
                "LocalAws(account=…) must be the stack's"
            )
            raise LocalRunError(message)
        region = stack.region or aws.region
        bucket = self._publish(region)
        template = stack.body
        cloudformation = aws.client("cloudformation", region_name=region)
        values = {**stack.parameters, **self.given}
        parameters = [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in values.items()
            if name in template.get("Parameters", {})
        ]
        there = _is_there(cloudformation, stack.name)
        try:
            (cloudformation.update_stack if there else cloudformation.create_stack)(
                StackName=stack.name,
                TemplateURL=f"https://s3.amazonaws.com/{bucket}/{self._template_key}",
                Parameters=parameters,
                Capabilities=_CAPABILITIES,
            )
        except cloudformation.exceptions.ClientError as error:
            message = f"stack {stack.name} cannot be deployed locally: {error.response['Error']['Message']}"
            raise LocalRunError(message) from error
        found = _await_stack(cloudformation, stack.name)
        return Deployment(
            aws,
            name=stack.name,
            resources=list(self._resources(cloudformation, stack.name, template)),
            outputs={output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])},
            dependencies=before,
            simulated=stood_in_of([stack], aws.stand_in),
        )

    @property
    def _template_key(self) -> str:
        return f"{self.stack.name}.template.json"

    def _resources(self, cloudformation: Any, name: str, template: dict[str, Any]) -> Iterable[Resource]:  # noqa: ANN401
        """The resources of a stack and of its nested stacks."""
        ids = {
            entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "")
            for entry in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        }
        for logical_id, resource in template.get("Resources", {}).items():
            if logical_id not in ids:
                continue
            path = (resource.get("Metadata") or {}).get("aws:cdk:path")
            own = construct_path(path, self.stack.path) if path else ""
            yield Resource(logical_id, resource["Type"], ids[logical_id], own)
            nested = self.stack.nested.get(nested_address(resource))
            if resource["Type"] == NESTED_STACK and nested:
                yield from self._resources(cloudformation, ids[logical_id], nested)

    def _publish(self, region: str) -> str:
        """Put the assets and the template where CloudFormation finds them, as ``cdk`` does; return the bucket."""
        aws = self.aws
        values = {"AWS::AccountId": aws.account, "AWS::Region": region, "AWS::Partition": partition_of(region)}

        def filled(text: str) -> str:
            return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)

        own = f"cdk-{_QUALIFIER}-assets-{aws.account}-{region}"
        s3 = aws.client("s3", region_name=region)
        there = {bucket["Name"] for bucket in s3.list_buckets().get("Buckets", [])}
        location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        for bucket in {own, *(filled(asset.bucket) for asset in self.stack.assets)} - there:
            s3.create_bucket(Bucket=bucket, **location)
        for asset in self.stack.assets:
            s3.put_object(Bucket=filled(asset.bucket), Key=filled(asset.key), Body=asset.content())
        # The file is indented; what CloudFormation counts need not be.
        body = json.dumps(self.stack.body, separators=(",", ":"), ensure_ascii=False).encode()
        s3.put_object(Bucket=own, Key=self._template_key, Body=body)
        for name in {_QUALIFIER, *self._qualifiers()}:
            parameter = f"{_BOOTSTRAP}{name}/version"
            aws.client("ssm", region_name=region).put_parameter(
                Name=parameter, Value="30", Type="String", Overwrite=True
            )
        return own

    def _qualifiers(self) -> set[str]:
        """Return the bootstrap qualifiers in the template, as a synthesizer may have another than the default."""
        found = self.stack.body.get("Parameters", {}).values()
        defaults = (str(parameter.get("Default", "")) for parameter in found)
        return {default.split("/")[2] for default in defaults if default.startswith(_BOOTSTRAP)}


def _is_there(cloudformation: Any, name: str) -> bool:  # noqa: ANN401 - boto3 ships no types
    """Return whether a stack exists, so that it is updated."""
    pages = cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=list(_DEPLOYED))
    return any(stack["StackName"] == name for page in pages for stack in page["StackSummaries"])


def _await_stack(cloudformation: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - boto3 ships no types
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if found["StackStatus"] in _DEPLOYED:
            return found
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
            reasons = [
                f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for event in events
                if event.get("ResourceStatus") in _FAILED and event.get("ResourceStatusReason")
            ]
            message = f"stack {name} ended as {found['StackStatus']}: {'; '.join(reasons) or 'no reason given'}"
            raise LocalRunError(message)
        time.sleep(_POLL_SECONDS)
    message = f"stack {name} was not deployed within {_DEPLOY_SECONDS} s"
    raise LocalRunError(message)
