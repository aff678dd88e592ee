"""A stack in the embedded AWS: its resources, data for it, and executions of its state machines."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.folders import files_below
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.disk_space import STORAGE_IS_FULL
from constructs_ml.local.host.keys import join_uri, split_uri
from constructs_ml.local.runner.execution import Execution, RunningAws
from constructs_ml.local.runner.given import check_source
from constructs_ml.local.runner.part import check_given, plan
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from constructs_ml.local.runner.part import Part, Plan

_REFERENCE = re.compile(r"\$\{([^}]+)\}")
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"
# The ends of types of resources that are only parts of others.
_PARTS = (
    "Association",
    "Attachment",
    "Egress",
    "Ingress",
    "Permission",
    "Policy",
    "Route",
    "RouteTable",
    "EIP",
    "NatGateway",
)
# What CDK appends to a construct's path for the resource that the construct is about.
_DEFAULT_CHILDREN = ("Resource", "Default")


@dataclass(frozen=True)
class Resource:
    """A resource of a deployed stack, or of a stack nested in it.

    Attributes:
        logical_id: Its logical id.
        type: Its type.
        physical_id: Its physical id.
        path: Its construct's path below the stack; empty if it is not known.
    """

    logical_id: str
    type: str
    physical_id: str
    path: str


class Deployment:
    """A deployed stack.

    Args:
        aws: The embedded AWS.
        name: The stack's name.
        resources: Its resources, those of nested stacks too.
        outputs: Its outputs by their keys.
        dependencies: The stacks that were deployed before it.
        simulated: The parts of it that have only stand-ins, in words.

    Attributes:
        name: The stack's name.
        resources: Its resources, those of nested stacks too.
        outputs: Its outputs by their keys.
        physical_ids: Its resources' physical ids by their logical ids.
        paths: Its resources' physical ids by their constructs' paths, without the stack's own.
        dependencies: The stacks that were deployed before it; what they made can be named too.
        simulated: The parts of it and of its dependencies that have only stand-ins, in words.
    """

    def __init__(
        self,
        aws: RunningAws,
        *,
        name: str,
        resources: Sequence[Resource],
        outputs: dict[str, str],
        dependencies: Sequence[Deployment] = (),
        simulated: Sequence[str] = (),
    ) -> None:
        self._aws, self.name, self.resources = aws, name, resources
        self._s3: Any = None
        self.outputs, self.dependencies = outputs, tuple(dependencies)
        self.physical_ids = {found.logical_id: found.physical_id for found in reversed(resources)}
        self.paths = {found.path: found.physical_id for found in resources if found.path}
        self.simulated: list[str] = [*(note for each in dependencies for note in each.simulated), *simulated]

    @property
    def state_machines(self) -> dict[str, str]:
        """The ARNs of the stack's state machines by their logical ids."""
        return {found.logical_id: found.physical_id for found in self.resources if found.type == _STATE_MACHINE}

    def resolve(self, text: str) -> str:
        """Return a string with each ``${name}`` replaced.

        Args:
            text: As ``s3://${RawData}/penguins.csv``; a name is an output, a logical id, or a construct's id or path.

        Raises:
            RunInputError: If a name means nothing, or several things.
        """
        return _REFERENCE.sub(lambda found: self._named(found[1]), text)

    def upload(self, source: Path, to: str) -> list[str]:
        """Upload a file, or all files of a directory.

        Args:
            source: The file or directory.
            to: The destination: ``s3://${RawData}/penguins/``; a file keeps its name below a URI that ends in ``/``.

        Returns:
            The S3 URIs of what was uploaded.

        Raises:
            RunInputError: If there is no such file, or the bucket is missing.
            LocalRunError: If there is no room for it.
        """
        uri = self.resolve(to)
        check_source(source, uri)
        if source.is_dir():
            return [self._put(file, join_uri(uri, name.as_posix())) for name, file in files_below(source).items()]
        return [self._put(source, f"{uri}{source.name}" if uri.endswith("/") else uri)]

    def start(
        self,
        input: dict[str, Any] | None = None,  # noqa: A002 - AWS's word
        state_machine: str | None = None,
        name: str | None = None,
    ) -> Execution:
        """Start an execution of a state machine.

        Args:
            input: Its input; ``${name}`` in its strings is resolved. Default: an empty object.
            state_machine: Logical id, construct id or path, or name; not needed if there is one only.
            name: The execution's name. Default: a new one.

        Raises:
            RunInputError: If the state machine is ambiguous, or the execution is refused.
        """
        arn = self._state_machine(state_machine)
        states = self._aws.client("stepfunctions")
        try:
            started = states.start_execution(
                stateMachineArn=arn, name=name or f"local-{uuid.uuid4()}", input=json.dumps(self._resolved(input or {}))
            )
        except states.exceptions.ClientError as error:
            message = f"{arn} could not be started: {error}"
            raise RunInputError(message) from error
        return Execution(self._aws, started["executionArn"])

    def definition(self, state_machine: str | None = None) -> dict[str, Any]:
        """Return the definition of a state machine as it is deployed.

        Args:
            state_machine: The state machine, as ``start`` takes it.

        Raises:
            RunInputError: If it is ambiguous.
        """
        arn = self._state_machine(state_machine)
        described = self._aws.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        found: dict[str, Any] = json.loads(described["definition"])
        return found

    def cut(self, part: Part, directory: Path, state_machine: str | None = None) -> Plan:
        """Have a state machine execute a part of its definition only.

        Args:
            part: The part.
            directory: The folder that given folders are relative to.
            state_machine: The state machine, as ``start`` takes it.

        Raises:
            RunInputError: If the part cannot be run.
        """
        arn = self._state_machine(state_machine)
        found = plan(self.definition(state_machine), part)
        check_given(part, found, directory)
        if found.not_run:
            self._aws.client("stepfunctions").update_state_machine(
                stateMachineArn=arn, definition=json.dumps(found.definition)
            )
        return found

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return self.resolve(value)
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        return [self._resolved(item) for item in value] if isinstance(value, list) else value

    def _named(self, name: str) -> str:
        for stack in (self, *reversed(self.dependencies)):
            found = stack.find(name)
            if len(found) == 1:
                return found.pop()
            if found:
                raise self._unclear(name, "means several resources")
        raise self._unclear(name, "is not an output, a logical id or a construct")

    def find(self, name: str) -> set[str]:
        """Return the possible values of a name in this stack.

        Args:
            name: An output, a logical id, a construct's path, or the end of one.

        Returns:
            The values that it may mean.
        """
        for names in (self.outputs, self.physical_ids, self.paths):
            if name in names:
                return {names[name]}
        own = name.removeprefix(f"{self.name}/").removeprefix(f"{self.name}.")
        ends = {physical for path, physical in self.paths.items() if path == own or path.rpartition("/")[2] == name}
        return ends or ({self.outputs[own]} if own in self.outputs else set())

    def _unclear(self, name: str, problem: str) -> RunInputError:
        near = did_you_mean(name, [each for stack in (self, *self.dependencies) for each in stack.names])
        others = "".join(f"; of stack {each.name}: {', '.join(each.names)}" for each in self.dependencies)
        return RunInputError(
            f"${{{name}}} {problem} of stack {self.name}{near}; there are: {', '.join(self.names)}{others}; "
            "a bucket that the app imports is named by its own URI, s3://NAME/..., and given by --bucket NAME=FOLDER"
        )

    @property
    def names(self) -> list[str]:
        """The names that may be meant in ``${...}``, without those of resources that are only parts of others."""
        paths = {found.path for found in self.resources if found.path and not _is_part(found)}
        return sorted({*self.outputs, *paths} or set(self.physical_ids))

    def _put(self, file: Path, uri: str) -> str:
        try:
            bucket, key = split_uri(uri)
        except JobError as error:
            raise RunInputError(str(error)) from error
        if self._s3 is None:
            self._s3 = self._aws.client("s3")  # one for all files: each client has connections of its own
        s3 = self._s3
        try:
            with file.open("rb") as body:
                s3.put_object(Bucket=bucket, Key=key, Body=body)
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucket":
                raise _no_bucket(s3, bucket, file) from error
            message = f"{file} could not be uploaded to {uri}: {error}"
            # A full disk is no fault of what was given.
            full = error.response["Error"]["Code"] == STORAGE_IS_FULL
            raise (LocalRunError if full else RunInputError)(message) from error
        return uri

    def _state_machine(self, name: str | None) -> str:
        machines = self.state_machines
        if name is None and len(machines) == 1:
            return next(iter(machines.values()))
        if not machines:
            raise RunInputError(f"stack {self.name} has no state machine to execute")
        if name is None:
            message = f"name one state machine (--state-machine) of stack {self.name}; there are: {', '.join(machines)}"
            raise RunInputError(message)
        named = [arn for arn in machines.values() if arn.rpartition(":")[2] == name]
        arn = named[0] if named else self._named(name)
        if arn not in machines.values():
            message = f"{name} is not a state machine of stack {self.name}; there are: {', '.join(machines)}"
            raise RunInputError(message)
        return arn


def _is_part(resource: Resource) -> bool:
    """Return whether nobody would name a resource: a rule, a route, an attachment or the like."""
    return ":" in resource.path or resource.type.endswith(_PARTS)


def _no_bucket(s3: Any, name: str, file: Path) -> RunInputError:  # noqa: ANN401 - boto3 ships no types
    near = did_you_mean(name, [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])
    return RunInputError(
        f"there is no bucket {name} to upload {file.name} to{near}; "
        f"one that lives elsewhere is given by --bucket {name}=FOLDER, and one of the app is named s3://${{CONSTRUCT}}/..."
    )


def machine_path(template: Mapping[str, Any], logical_id: str, stack: str) -> str:
    """A state machine's path below its stack; its logical id where the template says no path."""
    path = (template["Resources"][logical_id].get("Metadata") or {}).get("aws:cdk:path")
    return construct_path(path, stack) if path else logical_id


def construct_path(path: str, stack: str) -> str:
    """Return a construct's path below its stack, without the suffix that CDK adds for its main resource."""
    parts = path.removeprefix(f"{stack}/").split("/")
    while len(parts) > 1 and parts[-1] in _DEFAULT_CHILDREN:
        parts.pop()
    return "/".join(parts)
