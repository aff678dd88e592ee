"""Stacks as teams have them: each runs on this machine to its end, unchanged, and does what it is for outside SageMaker."""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from constructs_ml.local import run
from constructs_ml.testing import Outcome, returns

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local import LocalAws
    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.report import RunReport

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
# What the CDK CLI passes besides the project's own context.
_CONTEXT = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
_ROWS = "a,b\n1,2\n3,4\n"

pytestmark = pytest.mark.local


class Found:
    """A run's AWS, looked into before it ends.

    Attributes:
        aws: The embedded AWS.
        deployment: The deployed stack.
        report: What came of the run.
    """

    def __init__(self, aws: LocalAws, deployment: Deployment, report: RunReport) -> None:
        self.aws, self.deployment, self.report = aws, deployment, report

    def objects(self, place: str) -> dict[str, str]:
        """The objects below ``${Bucket}/prefix``."""
        bucket, _, prefix = self.deployment.resolve(place).partition("/")
        s3 = self.aws.client("s3")
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return {
            each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode("utf-8", "replace")
            for each in found
        }

    def messages(self, queue: str, count: int = 1) -> list[str]:
        """What a queue has received."""
        sqs, found = self.aws.client("sqs"), list[str]()
        for _ in range(10):
            answer = sqs.receive_message(
                QueueUrl=self.deployment.resolve(f"${{{queue}}}"), MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            found += [message["Body"] for message in answer.get("Messages", [])]
            if len(found) >= count:
                break
        return found

    def items(self, table: str) -> dict[str, dict[str, Any]]:
        """A table's items by their ids."""
        dynamodb = self.aws.client("dynamodb", region_name=self.aws.region)
        scanned = dynamodb.scan(TableName=self.deployment.resolve(f"${{{table}}}"))["Items"]
        return {item["id"]["S"]: item for item in scanned}


@dataclass(frozen=True)
class Team:
    """A team's stack, how it is run, and what it must have done."""

    module: str
    check: Callable[[Found], None]
    data: dict[str, str] = field(default_factory=lambda: {"rows.csv": "s3://${Raw}/rows/rows.csv"})
    options: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def _rows_reach_the_model(found: Found) -> None:
    assert found.report.metrics["Train"] == {"accuracy": pytest.approx(0.3)}
    assert any(note.startswith("EC2 does nothing: ") for note in found.report.simulated)
    assert found.objects("${Raw}/rows/")["rows/rows.csv"] == _ROWS


def _two_stacks(found: Found) -> None:
    (item,) = found.items("Runs").values()
    assert item["model"]["S"] == found.report.models[0]
    written = found.objects("${ConstructsMl/Artifacts}/")
    (rows,) = [content for name, content in written.items() if name.endswith("/rows.csv")]
    assert rows == f"{_ROWS}{found.deployment.resolve('${Runs}')}\n"


def _nested(found: Found) -> None:
    (body,) = found.messages("Done")
    assert json.loads(body) == {"counted": 2}


def _stages(found: Found) -> None:
    region = found.aws.region
    assert region == "eu-central-1"
    assert found.report.output["threshold"] == {"value": "0.7"}
    assert found.report.jobs[0].request["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.t3.medium"
    key = found.report.jobs[0].request["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"]
    assert found.aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"].startswith(f"arn:aws:kms:{region}:")


def _imported(found: Found) -> None:
    assert found.report.output["settings"]["Item"]["depth"] == {"N": "5"}
    assert found.report.output["token"] == {"known": "platform-token"}
    job = found.report.jobs[0].request
    assert job["RoleArn"] == "arn:aws:iam::111122223333:role/platform/ml-execution"
    assert job["AppSpecification"]["ContainerArguments"] == ["6"]
    assert job["NetworkConfig"]["VpcConfig"]["Subnets"][0] == "subnet-0123456789abcdef0"
    assert job["NetworkConfig"]["VpcConfig"]["SecurityGroupIds"][0].startswith("sg-")


def _lambda_dynamodb(found: Found) -> None:
    for _ in range(50):
        items = found.items("Runs")
        if "done" in items:
            break
        time.sleep(0.2)
    assert items["plan"]["runs"] == {"N": "1"}
    assert items["done"]["model"]["S"] == found.report.models[0]
    assert "lock" not in items


def _events(found: Found) -> None:
    bodies = found.messages("Inbox", 5)
    details = [json.loads(body) for body in bodies]
    trained = [each["detail"] for each in details if each.get("detail-type") == "Trained"]
    assert trained == [{"status": "Completed"}]
    topics = [json.loads(each["Message"]) for each in details if "Message" in each]
    kinds = {each["detail-type"] for each in topics}
    assert kinds == {"SageMaker Processing Job State Change", "SageMaker Training Job State Change"}
    schedules = found.aws.client("scheduler").list_schedules()["Schedules"]
    assert len(schedules) == 2


def _customer_keys(found: Found) -> None:
    artifacts = found.aws.client("s3")
    uri = found.report.models[0].removeprefix("s3://")
    bucket, _, key = uri.partition("/")
    head = artifacts.head_object(Bucket=bucket, Key=key)
    assert head["ServerSideEncryption"] == "aws:kms"
    assert found.deployment.resolve("${JobKey}") in head["SSEKMSKeyId"]
    assert json.loads(found.messages("Done")[0]) == {"told": True}
    assert set(found.items("Runs")) == {"run"}


def _map_jobs(found: Found) -> None:
    assert found.report.output == {"countries": 4}
    assert json.loads(found.objects("${Raw}/reports/")["reports/countries.json"]) == ["fr", "de", "it", "es"]
    models = found.items("Models")
    assert set(models) == {"fr", "de", "es"}
    assert len({item["model"]["S"] for item in models.values()}) == 3


def _endpoint(found: Found) -> None:
    value = found.aws.client("ssm").get_parameter(Name="/churn/model")["Parameter"]["Value"]
    assert value == found.report.models[0]
    endpoint = found.aws.client("sagemaker").describe_endpoint(
        EndpointName=next(note for note in found.report.simulated if "endpoint" in note).split()[1]
    )
    assert endpoint["EndpointStatus"] == "InService"


def _custom(found: Found) -> None:
    rows = found.objects("${Raw}/rows/")["rows/rows.csv"]
    assert rows.startswith(f"bucket,{found.deployment.resolve('${Raw}')}\n")
    assert found.report.jobs[0].request["AppSpecification"]["ContainerArguments"] == ["6", "7"]
    assert "trained" in found.messages("Uploads", 2)
    groups = found.aws.client("logs").describe_log_groups()["logGroups"]
    assert [group["retentionInDays"] for group in groups if "Maker" in group["logGroupName"]] == [7]


def _large(found: Found) -> None:
    assert len(found.report.jobs) == 40
    assert found.messages("Done") == ["all of them"]


_COUNTRIES = [{"country": name, "wanted": name != "it"} for name in ("fr", "de", "it", "es")]
_PLATFORM: dict[str, Any] = {
    "bucket": {"platform-shared-data": "shared"},
    "role": {"arn:aws:iam::111122223333:role/platform/ml-execution": "role.json"},
    "parameter": {"/platform/depth": "6"},
    "secret": {"platform-token": "secret"},
    "table": {"platform-registry": "registry.json"},
    "topic": {"platform-alerts": ""},
}
_ROLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_FILES = {
    "shared/rows/rows.csv": _ROWS,
    "role.json": json.dumps(_ROLE),
    "registry.json": json.dumps({"partition_key": "id", "items": [{"id": "churn", "depth": 5, "share": 0.5}]}),
}
TEAMS = (
    Team("vpc_endpoints", _rows_reach_the_model),
    Team("two_stacks", _two_stacks, outcomes={"Record": returns({})}),
    Team("nested", _nested, outcomes={"Count": returns({"counted": 1}), "Tell": returns({"MessageId": "1"})}),
    Team(
        "stages",
        _stages,
        options={"stack": "Dev/Churn"},
        outcomes={"Threshold of today": returns({"Parameter": {"Value": "0.7"}})},
    ),
    Team(
        "imported",
        _imported,
        data={},
        options=_PLATFORM,
        files=_FILES,
        outcomes={
            "Settings": returns({"Item": {}}),
            "Token of the platform": returns({"Name": "platform-token"}),
            "Tell": returns({"MessageId": "1"}),
        },
    ),
    Team(
        "lambda_dynamodb",
        _lambda_dynamodb,
        outcomes={
            **dict.fromkeys(("Lock", "Unlock"), returns({})),
            "Ask for a plan": returns({"files": []}),
            "Tell": returns({"MessageId": "1"}),
        },
    ),
    Team("events_scheduler", _events, outcomes={"Announce": returns({"FailedEntryCount": 0})}),
    Team(
        "customer_keys",
        _customer_keys,
        outcomes={"Record": returns({}), "Tell": returns({"told": True}), "Send": returns({"MessageId": "1"})},
    ),
    Team(
        "map_jobs",
        _map_jobs,
        options={"input": {"countries": _COUNTRIES}},
        outcomes={"Record": returns({}), "Report": returns({"countries": 4})},
    ),
    Team(
        "endpoint_approval",
        _endpoint,
        options={"approve": True, "simulated_seconds": 0.1},
        outcomes={"Remember": returns({"Version": 2})},
    ),
    Team("custom_resources", _custom, data={}, outcomes={"Send": returns({"MessageId": "1"})}),
    Team("large_template", _large, outcomes={"Send": returns({"MessageId": "1"})}),
)


# The others run in `make test-long`.
_QUICK = {"vpc_endpoints", "nested", "imported", "custom_resources"}


@pytest.fixture
def assembly(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    app = App(outdir=str(tmp_path / "cdk.out"), context=_CONTEXT)
    importlib.import_module(request.param.module).build(app)
    app.synth()
    return tmp_path / "cdk.out"


@pytest.mark.parametrize(
    ("assembly", "team"),
    [pytest.param(team, team, marks=[] if team.module in _QUICK else pytest.mark.long) for team in TEAMS],
    indirect=["assembly"],
    ids=lambda found: getattr(found, "module", ""),
)
def test_a_team_runs_its_stack_on_a_laptop(
    assembly: Path, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {"rows.csv": _ROWS, **team.files}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    monkeypatch.chdir(tmp_path)
    looked: list[bool] = []

    def look(aws: LocalAws, deployment: Deployment, report: RunReport) -> None:
        assert report.status == "SUCCEEDED", (report.error, report.cause, [job.failure_reason for job in report.jobs])
        team.check(Found(aws, deployment, report))
        looked.append(True)

    report = run(str(assembly), data=team.data, timeout=120, before_end=look, **team.options)
    assert report.succeeded
    assert looked == [True]


@pytest.mark.parametrize("assembly", TEAMS, indirect=True, ids=lambda team: team.module)
def test_a_team_simulates_its_workflow(assembly: Path, request: pytest.FixtureRequest) -> None:
    from constructs_ml.local.runner.assembly import choose, read
    from constructs_ml.testing import simulate

    team: Team = request.node.callspec.params["assembly"]
    stacks = read(assembly)
    counts = [len(list(stack.resources())) for stack in stacks]
    assert sum(counts) >= 20
    assert max(counts) <= 80
    stack = choose(stacks, team.options.get("stack"))
    templates = [stack.body, *stack.nested.values()]
    (template,) = [each for each in templates if "AWS::StepFunctions::StateMachine" in json.dumps(each)]
    execution = simulate(template, team.outcomes, input=team.options.get("input"))
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
