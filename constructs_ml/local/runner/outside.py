"""Existing resources that a workflow uses and no stack of the app creates, given for a local run by name.

The names are the same on the command line (``--bucket shared-data=folder``), in cdk.json
(``"constructs-ml:run": {"bucket": {"shared-data": "folder"}}``) and in ``constructs_ml.local.run(bucket={...})``.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import read_object
from constructs_ml.errors import RunInputError, UnreadableFileError
from constructs_ml.folders import files_below
from constructs_ml.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_ml.documents.node import Node
    from constructs_ml.local.runner.aws import LocalAws

_ACCOUNT, _ARN = 4, 6
_SERVICES = ["sagemaker", "states", "lambda", "events", "scheduler", "ec2", "glue"]
_TYPES: dict[type, str] = {str: "S", int: "N", float: "N", bytes: "B"}


@dataclass(frozen=True)
class Outside:
    """Existing resources, by name.

    Attributes:
        bucket: Buckets, and the folder whose files they have; an empty string for none.
        role: Roles by name or ARN, and the file with their policy; an empty string for one that may do everything.
        parameter: Parameters of the template, or of SSM, and their values.
        secret: Secrets by name, and their values.
        image: Commands that stand for images, by a part of the image's URI.
        table: DynamoDB tables by name or ARN, and a JSON file with ``partition_key``, ``sort_key`` and ``items``.
        queue: SQS queues by name; the value is not used.
        topic: SNS topics by name; the value is not used.
    """

    bucket: Mapping[str, str] = field(default_factory=dict)
    role: Mapping[str, str] = field(default_factory=dict)
    parameter: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)
    image: Mapping[str, list[str]] = field(default_factory=dict)
    table: Mapping[str, str] = field(default_factory=dict)
    queue: Mapping[str, str] = field(default_factory=dict)
    topic: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: Outside) -> Outside:
        """Return the resources of both; for equal names, those of the right one."""
        return Outside(
            **{each.name: {**getattr(self, each.name), **getattr(other, each.name)} for each in fields(self)}
        )

    def has_role(self, name: str) -> bool:
        """Return whether a role of this name is given, by its name or its ARN."""
        return any(each.rpartition("/")[2] == name for each in self.role)

    @property
    def accounts(self) -> set[str]:
        """The accounts that are named in ARNs."""
        arns = (name for name in (*self.role, *self.table) if name.startswith("arn:"))
        return {arn.split(":")[_ACCOUNT] for arn in arns}

    def check(self, directory: Path) -> None:
        """Check that the files are valid, before anything starts.

        Args:
            directory: The base of relative paths.

        Raises:
            RunInputError: If one is missing or is not what it should be.
        """
        for name, folder in self.bucket.items():
            _files(directory, folder, name)
        for name, file in self.table.items():
            _table(directory, file, name)
        for name, file in self.role.items():
            _policy(directory, file, name)
        for name in (*self.role, *self.table):
            if name.startswith("arn:") and len(name.split(":")) < _ARN:
                raise RunInputError(f"{shortened(name)} is not an ARN; write arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME")

    def make(self, aws: LocalAws, directory: Path) -> list[str]:
        """Create them.

        Args:
            aws: The embedded AWS.
            directory: The base of relative paths.

        Returns:
            What of it is simulated, in words.

        Raises:
            RunInputError: If a file is missing or is not what it should be.
        """
        s3 = aws.client("s3")
        for name, folder in self.bucket.items():
            s3.create_bucket(Bucket=name, **_location(aws.region))
            for path, key in _files(directory, folder, name):
                s3.put_object(Bucket=name, Key=key, Body=path.read_bytes())
        for name, value in self.secret.items():
            aws.client("secretsmanager").create_secret(Name=name, SecretString=value)
        for name in self.queue:
            attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            aws.client("sqs").create_queue(QueueName=name, Attributes=attributes)
        for name in self.topic:
            aws.client("sns").create_topic(Name=name)
        for name, file in self.table.items():
            _make_table(aws, name, _table(directory, file, name))
        return [note for name, file in self.role.items() if (note := _make_role(aws, name, directory, file))]

    def put_parameters(self, aws: LocalAws, names: set[str]) -> None:
        """Put the parameters that are not the templates' own into SSM.

        Args:
            aws: The embedded AWS.
            names: The names of the templates' own parameters.
        """
        for name, value in self.parameter.items():
            if name not in names:
                aws.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


@dataclass(frozen=True)
class _Table:
    """A table's keys and items."""

    partition_key: str = "id"
    sort_key: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)


def _location(region: str) -> dict[str, Any]:
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _files(directory: Path, folder: str, bucket: str) -> list[tuple[Path, str]]:
    if not folder:
        return []
    root = directory / folder
    if not root.is_dir():
        raise RunInputError(f"bucket {bucket}: there is no folder {root}")
    return [(file, name.as_posix()) for name, file in files_below(root).items()]


def _read(directory: Path, file: str, kind: str, name: str) -> Node:
    path = directory / file
    with _told_of(kind, name):
        return read_object(path)


def _policy(directory: Path, file: str, role: str) -> dict[str, Any]:
    """A role's policy; an empty object if none is given."""
    return _read(directory, file, "role", role).object() if file else {}


def _table(directory: Path, file: str, name: str) -> _Table:
    if not file:
        return _Table()
    content = _read(directory, file, "table", name)
    with _told_of("table", name):
        items = [item.object() for item in content["items"].items()]
        return _Table(content["partition_key"].text("") or "id", content["sort_key"].text(""), items)


@contextlib.contextmanager
def _told_of(kind: str, name: str) -> Iterator[None]:
    try:
        yield
    except UnreadableFileError as error:
        raise RunInputError(f"{kind} {shortened(name)}: {error}") from error


def _make_role(aws: LocalAws, name: str, directory: Path, file: str) -> str:
    """Create a role; report if its permissions are unknown."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    make_role(aws, name, _policy(directory, file, name) if file else everything)
    own = name.rpartition("/")[2]
    return (
        ""
        if file
        else f"role {name} may do everything here; give its policy (--role {own}=policy.json) to see what it lacks"
    )


def make_role(aws: LocalAws, name: str, policy: Mapping[str, Any] | None) -> None:
    """Make a role that any service may assume.

    Args:
        aws: Where.
        name: Its name or its ARN.
        policy: Its policy; None for one that may do nothing.
    """
    account = name.split(":")[_ACCOUNT] if name.startswith("arn:") else aws.account
    path, _, own = name.rpartition(":role/")[2].rpartition("/")
    iam = aws.client_in(account, "iam")
    statement = {"Effect": "Allow", "Principal": {"Service": [f"{each}.amazonaws.com" for each in _SERVICES]}}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=own, Path=f"/{path}/" if path else "/", AssumeRolePolicyDocument=json.dumps(trust))
    if policy is not None:
        iam.put_role_policy(RoleName=own, PolicyName="given", PolicyDocument=json.dumps(policy))


def _make_table(aws: LocalAws, name: str, table: _Table) -> None:
    from boto3.dynamodb.types import TypeSerializer

    account = name.split(":")[_ACCOUNT] if name.startswith("arn:") else aws.account
    own = name.rpartition(":table/")[2]
    items = table.items
    keys = [(table.partition_key, "HASH")]
    if table.sort_key:
        keys.append((table.sort_key, "RANGE"))
    kinds = {key: _TYPES.get(type(items[0].get(key, "")) if items else str, "S") for key, _ in keys}
    client = aws.client_in(account, "dynamodb")
    client.create_table(
        TableName=own,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kinds[key]} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    serializer = TypeSerializer()
    for item in json.loads(json.dumps(items), parse_float=_decimal):
        client.put_item(TableName=own, Item={key: serializer.serialize(value) for key, value in item.items()})


def _decimal(text: str) -> Any:  # noqa: ANN401 - what boto3 takes for a number
    from decimal import Decimal

    return Decimal(text)
