"""A stack in the embedded AWS: what it made, data for it, and executions of its state machines."""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.local import assembly as assemblies
from constructs_ml.local.execution import Execution
from constructs_ml.local.faults import JobError
from constructs_ml.local.kinds import partition_of
from constructs_ml.local.storage import split_uri

if TYPE_CHECKING:
    from constructs_ml.local.assembly import StackArtifact
    from constructs_ml.local.aws import LocalAws

_DEPLOY_SECONDS = 300
_POLL_SECONDS = 0.05
_REFERENCE = re.compile(r"\$\{([^}]+)\}")
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"
# What CDK appends to a construct's path for the resource that the construct is about.
_DEFAULT_CHILDREN = ("Resource", "Default")


class Deployment:
    """A deployed stack.

    Args:
        aws: Where it is deployed.
        name: The stack's name.
        path: The stack's construct path.
        template: Its template, parsed.
        outputs: Its outputs by their keys.
        physical_ids: Its resources' physical ids by their logical ids.

    Attributes:
        name: The stack's name.
        outputs: Its outputs by their keys.
        physical_ids: Its resources' physical ids by their logical ids.
        paths: Its resources' physical ids by their constructs' paths, without the stack's own.
    """

    def __init__(
        self,
        aws: LocalAws,
        *,
        name: str,
        path: str,
        template: dict[str, Any],
        outputs: dict[str, str],
        physical_ids: dict[str, str],
    ) -> None:
        self._aws, self.name = aws, name
        self.outputs, self.physical_ids = outputs, physical_ids
        self._resources: dict[str, dict[str, Any]] = template.get("Resources", {})
        self.paths = {
            construct_path(resource["Metadata"]["aws:cdk:path"], path): physical_ids[logical_id]
            for logical_id, resource in self._resources.items()
            if "aws:cdk:path" in resource.get("Metadata", {}) and logical_id in physical_ids
        }

    @property
    def state_machines(self) -> dict[str, str]:
        """The ARNs of the stack's state machines by their logical ids."""
        return {
            logical_id: self.physical_ids[logical_id]
            for logical_id, resource in self._resources.items()
            if resource["Type"] == _STATE_MACHINE and logical_id in self.physical_ids
        }

    def resolve(self, text: str) -> str:
        """A text with each ``${name}`` replaced.

        Args:
            text: As ``s3://${RawData}/penguins.csv``; a name is an output, a logical id, or a construct's id or path.

        Raises:
            LocalRunError: If a name means nothing, or several things.
        """
        return _REFERENCE.sub(lambda found: self._named(found[1]), text)

    def upload(self, source: Path, to: str) -> list[str]:
        """Uploads a file, or all files of a directory.

        Args:
            source: The file or directory.
            to: Where to, as ``s3://${RawData}/penguins/``; for a file, a URI that ends in ``/`` keeps its name.

        Returns:
            The S3 URIs of what was uploaded.

        Raises:
            LocalRunError: If there is no such file, or the bucket is missing.
        """
        uri = self.resolve(to)
        if not source.exists():
            message = f"there is no file {source} to upload to {uri}"
            raise LocalRunError(message)
        if source.is_dir():
            files = sorted(path for path in source.rglob("*") if path.is_file())
            return [self._put(file, f"{uri.rstrip('/')}/{file.relative_to(source).as_posix()}") for file in files]
        return [self._put(source, f"{uri}{source.name}" if uri.endswith("/") else uri)]

    def start(
        self,
        input: dict[str, Any] | None = None,  # noqa: A002 - AWS's word
        state_machine: str | None = None,
        name: str | None = None,
    ) -> Execution:
        """Starts an execution of a state machine.

        Args:
            input: Its input; ``${name}`` in its strings is resolved. An empty object when left out.
            state_machine: Logical id, construct id or path, or name; not needed if there is one only.
            name: The execution's name; a new one when left out.

        Raises:
            LocalRunError: If the state machine is not clear, or refuses.
        """
        arn = self._state_machine(state_machine)
        states = self._aws.client("stepfunctions")
        try:
            started = states.start_execution(
                stateMachineArn=arn, name=name or f"local-{uuid.uuid4()}", input=json.dumps(self._resolved(input or {}))
            )
        except states.exceptions.ClientError as error:
            message = f"{arn} could not be started: {error}"
            raise LocalRunError(message) from error
        return Execution(self._aws, started["executionArn"])

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return self.resolve(value)
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        return [self._resolved(item) for item in value] if isinstance(value, list) else value

    def _named(self, name: str) -> str:
        for names in (self.outputs, self.physical_ids, self.paths):
            if name in names:
                return names[name]
        found = {physical for path, physical in self.paths.items() if path.rpartition("/")[2] == name}
        if len(found) == 1:
            return found.pop()
        known = ", ".join(sorted({*self.outputs, *self.paths} or set(self.physical_ids)))
        problem = "means several resources" if found else "is no output, logical id or construct"
        message = f"${{{name}}} {problem} of stack {self.name}; there are: {known}"
        raise LocalRunError(message)

    def _put(self, file: Path, uri: str) -> str:
        try:
            bucket, key = split_uri(uri)
        except JobError as error:
            raise LocalRunError(str(error)) from error
        s3 = self._aws.client("s3")
        try:
            with file.open("rb") as body:
                s3.put_object(Bucket=bucket, Key=key, Body=body)
        except s3.exceptions.ClientError as error:
            message = f"{file} could not be uploaded to {uri}: {error}"
            raise LocalRunError(message) from error
        return uri

    def _state_machine(self, name: str | None) -> str:
        machines = self.state_machines
        if name is None and len(machines) == 1:
            return next(iter(machines.values()))
        if name is None:
            message = f"name one state machine (--state-machine) of stack {self.name}; there are: {', '.join(machines)}"
            raise LocalRunError(message)
        named = [arn for arn in machines.values() if arn.rpartition(":")[2] == name]
        arn = named[0] if named else self._named(name)
        if arn not in machines.values():
            message = f"{name} is no state machine of stack {self.name}; there are: {', '.join(machines)}"
            raise LocalRunError(message)
        return arn


def construct_path(path: str, stack: str) -> str:
    """A construct's path below its stack, without what CDK appends for a construct's main resource."""
    parts = path.removeprefix(f"{stack}/").split("/")
    while len(parts) > 1 and parts[-1] in _DEFAULT_CHILDREN:
        parts.pop()
    return "/".join(parts)


def deploy(aws: LocalAws, directory: Path, stack: str | None) -> Deployment:
    """Deploys a stack of an assembly; see ``LocalAws.deploy``."""
    stacks = assemblies.read(Path(directory))
    wanted = assemblies.choose(stacks, stack)
    _bootstrap(aws)
    deployments = [_deploy_one(aws, found) for found in assemblies.in_order(stacks, wanted)]
    return deployments[-1]


def _bootstrap(aws: LocalAws) -> None:
    """What ``cdk bootstrap`` would have made, as far as templates ask for it."""
    aws.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True)


def _deploy_one(aws: LocalAws, stack: StackArtifact) -> Deployment:
    if stack.account not in (None, aws.account) or stack.region not in (None, aws.region):
        message = (
            f"stack {stack.name} is for {stack.account}/{stack.region}, but the embedded AWS is "
            f"{aws.account}/{aws.region}: LocalAws(account=…, region=…) must be the stack's"
        )
        raise LocalRunError(message)
    _publish(aws, stack)
    template = json.loads(stack.template)
    cloudformation = aws.client("cloudformation")
    parameters = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in stack.parameters.items()
        if key in template.get("Parameters", {})
    ]
    try:
        cloudformation.create_stack(
            StackName=stack.name,
            TemplateBody=stack.template,
            Parameters=parameters,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except cloudformation.exceptions.ClientError as error:
        message = f"stack {stack.name} cannot be deployed locally: {error.response['Error']['Message']}"
        raise LocalRunError(message) from error
    found = _await_stack(cloudformation, stack.name)
    resources = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
    return Deployment(
        aws,
        name=stack.name,
        path=stack.path,
        template=template,
        outputs={output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])},
        physical_ids={entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "") for entry in resources},
    )


def _await_stack(cloudformation: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - boto3 ships no types
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if found["StackStatus"] == "CREATE_COMPLETE":
            return found
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
            reasons = [
                f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for event in events
                if event.get("ResourceStatus") == "CREATE_FAILED" and event.get("ResourceStatusReason")
            ]
            message = f"stack {name} ended as {found['StackStatus']}: {'; '.join(reasons) or 'no reason given'}"
            raise LocalRunError(message)
        time.sleep(_POLL_SECONDS)
    message = f"stack {name} was not deployed within {_DEPLOY_SECONDS} s"
    raise LocalRunError(message)


def _publish(aws: LocalAws, stack: StackArtifact) -> None:
    values = {
        "AWS::AccountId": aws.account,
        "AWS::Region": aws.region,
        "AWS::Partition": partition_of(aws.region),
    }

    def filled(text: str) -> str:
        return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)

    s3 = aws.client("s3")
    buckets = {bucket["Name"] for bucket in s3.list_buckets().get("Buckets", [])}
    for asset in stack.assets:
        bucket = filled(asset.bucket)
        if bucket not in buckets:
            location = {} if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
            s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": location} if location else {}))
            buckets.add(bucket)
        s3.put_object(Bucket=bucket, Key=filled(asset.key), Body=asset.content())
