"""The example, synthesized once, on one embedded AWS a module."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_ml.local import Execution, LocalAws
from constructs_ml.local.runner.app import find
from constructs_ml.local.runner.given import source
from constructs_ml.local.runner.synth import synthesize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local import Deployment

ROOT = Path(__file__).parents[2]
STACK = "Penguins"
PENGUINS = "package:palmerpenguins/data/penguins.csv"
EVENT_SECONDS = 20


@dataclass
class Example:
    """The deployed example.

    Attributes:
        aws: The embedded AWS.
        deployment: The stack.
        received: The events that its queue has given so far.
    """

    aws: LocalAws
    deployment: Deployment
    received: list[dict[str, Any]] = field(default_factory=list)

    def run(self, data: Path, **given: Any) -> Execution:
        self.deployment.upload(data, "s3://${RawData}/penguins/penguins.csv")
        return self.deployment.start(given).wait(120)

    def objects(self, uri: str) -> list[str]:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        found = self.aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]

    def events(self, until: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """The events that reached the queue, as soon as a condition holds for them."""
        sqs = self.aws.client("sqs")
        queue = self.deployment.resolve("${Alerts}")
        deadline = time.monotonic() + EVENT_SECONDS
        while not until(self.received) and time.monotonic() < deadline:
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            self.received += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        return self.received


@pytest.fixture(scope="session")
def penguins() -> Path:
    """The real data."""
    return source(PENGUINS, ROOT)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's cloud assembly, made as the README says."""
    return synthesize(
        find(ROOT), tmp_path_factory.mktemp("example") / "cdk.out", account="111122223333", region="us-east-1"
    )


@pytest.fixture(scope="module")
def example(assembly: Path) -> Iterator[Example]:
    with LocalAws() as aws:
        yield Example(aws, aws.deploy(assembly, STACK))


@pytest.fixture
def changed(assembly: Path, tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], Path]:
    """Makes a copy of the assembly with another template."""

    def change(edit: Callable[[dict[str, Any]], None]) -> Path:
        copy = tmp_path / "cdk.out"
        shutil.copytree(assembly, copy)
        file = copy / f"{STACK}.template.json"
        template = json.loads(file.read_text())
        edit(template)
        file.write_text(json.dumps(template))
        return copy

    return change
