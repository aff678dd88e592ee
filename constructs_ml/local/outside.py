"""What a workflow uses and no stack of the app makes: given for a local run by its name.

The names are the same on the command line (``--bucket shared-data=folder``), in cdk.json
(``"constructs-ml:run": {"bucket": {"shared-data": "folder"}}``) and in ``constructs_ml.local.run(bucket={...})``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from constructs_ml.local.aws import LocalAws

_ACCOUNT = 4
_SERVICES = ["sagemaker", "states", "lambda", "events", "scheduler", "ec2", "glue"]
_TYPES: dict[type, str] = {str: "S", int: "N", float: "N", bytes: "B"}


@dataclass(frozen=True)
class Outside:
    """What lives elsewhere, by name.

    Attributes:
        bucket: Buckets, and the folder whose files they have; an empty text for none.
        role: Roles by name or ARN, and the file with their policy; an empty text for one that may do everything.
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
        """What either gives; of the same name what the right one gives."""
        return Outside(
            **{each.name: {**getattr(self, each.name), **getattr(other, each.name)} for each in fields(self)}
        )

    @property
    def accounts(self) -> set[str]:
        """The accounts that are named in ARNs."""
        arns = (name for name in (*self.role, *self.table) if name.startswith("arn:"))
        return {arn.split(":")[_ACCOUNT] for arn in arns}

    def make(self, aws: LocalAws, directory: Path) -> list[str]:
        """Makes them.

        Args:
            aws: Where.
            directory: What files are relative to.

        Returns:
            What of it is simulated, in words.

        Raises:
            LocalRunError: If a file is missing or is not what it should be.
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
            _make_table(aws, name, _read(directory, file, "table", name) if file else {})
        return [note for name, file in self.role.items() if (note := _make_role(aws, name, directory, file))]

    def put_parameters(self, aws: LocalAws, names: set[str]) -> None:
        """Puts those parameters into SSM that are none of the templates'.

        Args:
            aws: Where.
            names: The names of the templates' own parameters.
        """
        for name, value in self.parameter.items():
            if name not in names:
                aws.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _location(region: str) -> dict[str, Any]:
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _files(directory: Path, folder: str, bucket: str) -> list[tuple[Path, str]]:
    if not folder:
        return []
    root = directory / folder
    if not root.is_dir():
        raise LocalRunError(f"bucket {bucket}: there is no folder {root}")
    return [(file, name.as_posix()) for name, file in files_below(root).items()]


def _read(directory: Path, file: str, kind: str, name: str) -> dict[str, Any]:
    path = directory / file
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LocalRunError(f"{kind} {name}: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LocalRunError(f"{kind} {name}: {path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise LocalRunError(f"{kind} {name}: {path} must hold a JSON object, got {type(found).__name__}")
    return found


def _make_role(aws: LocalAws, name: str, directory: Path, file: str) -> str:
    """Makes a role; says so if nobody knows what it may do."""
    account = name.split(":")[_ACCOUNT] if name.startswith("arn:") else aws.account
    path, _, own = name.rpartition(":role/")[2].rpartition("/")
    iam = aws.client_in(account, "iam")
    statement = {"Effect": "Allow", "Principal": {"Service": [f"{each}.amazonaws.com" for each in _SERVICES]}}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sts:AssumeRole"}]}
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    policy = _read(directory, file, "role", name) if file else everything
    iam.create_role(RoleName=own, Path=f"/{path}/" if path else "/", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=own, PolicyName="given", PolicyDocument=json.dumps(policy))
    return (
        ""
        if file
        else f"role {name} may do everything here; give its policy (--role {own}=policy.json) to see what it lacks"
    )


def _make_table(aws: LocalAws, name: str, content: dict[str, Any]) -> None:
    from boto3.dynamodb.types import TypeSerializer

    account = name.split(":")[_ACCOUNT] if name.startswith("arn:") else aws.account
    own = name.rpartition(":table/")[2]
    items = content.get("items") or []
    keys = [(content.get("partition_key") or "id", "HASH")]
    if content.get("sort_key"):
        keys.append((content["sort_key"], "RANGE"))
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
