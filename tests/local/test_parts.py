"""The parts of the local engine that need no AWS."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from constructs_ml.errors import LocalRunError
from constructs_ml.interpreter import pinned
from constructs_ml.interpreter.environment import EmulatorEnvironment
from constructs_ml.local.api import access, requests
from constructs_ml.local.aws import describe, permissions
from constructs_ml.local.aws.arns import partition_of
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host import runtime, sandbox
from constructs_ml.local.host.contract import Host, command_for
from constructs_ml.local.host.environment import allowed
from constructs_ml.local.host.keys import relative_path, split_uri
from constructs_ml.local.host.storage import S3Object, shard
from constructs_ml.local.jobs import call, events, metrics
from constructs_ml.local.runner import given, synth
from constructs_ml.local.runner.app import find
from constructs_ml.local.runner.assembly import choose, in_order, read
from constructs_ml.local.runner.deployment import Deployment, Resource, construct_path
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.model import output_shape

_AT = datetime(2026, 1, 2, tzinfo=timezone.utc)
_PROCESSING = {
    "ProcessingJobName": "job",
    "RoleArn": "arn:aws:iam::111122223333:role/R",
    "AppSpecification": {"ImageUri": "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.2-1"},
    "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.t3.large", "VolumeSizeInGB": 1}},
    "ProcessingInputs": [
        {"InputName": "in", "S3Input": {"S3Uri": "s3://b/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}
    ],
}
_TRAINING: dict[str, Any] = {
    "TrainingJobName": "job",
    "RoleArn": "arn:aws:iam::111122223333:role/R",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://b/models/"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


_TRANSFORM: dict[str, Any] = {
    "TransformJobName": "job",
    "ModelName": "model",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}},
    "TransformOutput": {"S3OutputPath": "s3://b/out", "KmsKeyId": "k"},
    "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeKmsKeyId": "v"},
}


def test_only_harmless_variables_reach_user_code() -> None:
    parent = {"PATH": "/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "s", "GITHUB_TOKEN": "t", "PYTHONPATH": "p"}
    assert allowed(parent) == {"PATH": "/bin", "LC_ALL": "C"}


def test_the_event_of_a_processing_job() -> None:
    response = describe.described(JobKind.PROCESSING, _PROCESSING, "arn:job", _AT)
    event = events.state_change(JobKind.PROCESSING, response)
    detail = json.loads(event.pop("Detail"))
    assert event == {
        "Source": "aws.sagemaker",
        "DetailType": "SageMaker Processing Job State Change",
        "Resources": ["arn:job"],
    }
    assert detail["ProcessingJobStatus"] == "InProgress"
    assert detail["CreationTime"] == int(_AT.timestamp() * 1000)
    assert detail["ProcessingInputs"][0]["S3Input"]["S3InputMode"] == "FILE"
    assert detail["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.t3.large"


@pytest.mark.parametrize("kind", JobKind.ALL)
def test_each_kind_has_events(kind: JobKind) -> None:
    response = describe.described(kind, {kind.name_member: "job", **_TRAINING, **_TRANSFORM}, "arn:job", _AT)
    event = events.state_change(kind, response)
    assert event["DetailType"] == kind.event_type
    assert json.loads(event["Detail"])[kind.status_member] == "InProgress"


def test_times_are_written_in_three_ways() -> None:
    found = {"At": [_AT]}
    assert describe.as_json(found) == {"At": [1767312000000]}
    assert describe.as_seconds(found) == {"At": [1767312000.0]}
    assert describe.as_text_times(found) == {"At": ["2026-01-02T00:00:00.000Z"]}


def test_a_transform_job_needs_its_images_and_keys() -> None:
    where = {"region": "us-east-1", "account": "111122223333"}
    images = ["111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1", "111122223333.dkr.ecr.us-east-1.amazonaws.com/b:1"]
    needs = permissions.job_needs(JobKind.TRANSFORM, _TRANSFORM, **where, key_arn=str, images=images)
    assert {"kms:CreateGrant", "kms:GenerateDataKey", "ecr:GetAuthorizationToken"} <= {need.action for need in needs}
    assert sum(need.action == "ecr:BatchGetImage" for need in needs) == 2
    assert sum(need.action == "ecr:GetAuthorizationToken" for need in needs) == 1


@pytest.mark.parametrize(
    ("operation", "request_", "resources"),
    [
        ("CreateModelPackage", {"ModelPackageGroupName": "g"}, ["model-package/g/1"]),
        ("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"}, ["endpoint/e", "endpoint-config/c"]),
        (
            "StartPipelineExecution",
            {"PipelineName": "arn:aws:sagemaker:us-east-1:111122223333:pipeline/p"},
            ["pipeline/p"],
        ),
        ("CreateAutoMLJobV2", {"AutoMLJobName": "a"}, ["automl-job/a"]),
    ],
)
def test_what_operations_are_done_on(operation: str, request_: dict[str, Any], resources: list[str]) -> None:
    needs = access.needs(operation, request_, region="us-east-1", account="111122223333")
    assert [need.resource for need in needs] == [f"arn:aws:sagemaker:us-east-1:111122223333:{end}" for end in resources]
    assert {need.action for need in needs} == {f"sagemaker:{operation}"}


def test_the_roles_of_all_definitions_are_passed() -> None:
    definitions = {"TrainingJobDefinitions": [{"RoleArn": "a"}, {"RoleArn": "b"}, {"RoleArn": "a"}]}
    assert access.passed_roles(definitions) == ["a", "b"]


def test_runs_are_found_by_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    place = runtime.directory()
    here = runtime.Running("http://127.0.0.1:1", os.getpid(), "key", "secret")
    runtime.announce(place, here)
    (place / "1.json").write_text("not JSON")
    assert place.stat().st_mode & 0o077 == 0
    assert (place / f"{os.getpid()}.json").stat().st_mode & 0o077 == 0
    assert runtime.running() == [here]
    runtime.withdraw(place, os.getpid())
    assert not place.exists()
    assert runtime.running() == []


def test_the_event_of_a_training_job() -> None:
    response = describe.described(JobKind.TRAINING, _TRAINING, "arn:job", _AT)
    event = events.state_change(JobKind.TRAINING, response)
    detail = json.loads(event["Detail"])
    assert event["DetailType"] == "SageMaker Training Job State Change"
    assert detail["CreationTime"] == str(int(_AT.timestamp() * 1000))
    assert detail["HyperParameters"] == {}
    assert detail["AlgorithmSpecification"]["TrainingInputMode"] == "File"


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        (JobKind.PROCESSING, _PROCESSING),
        (JobKind.TRAINING, _TRAINING),
        (JobKind.TRANSFORM, _TRANSFORM),
        (JobKind.TUNING, {"HyperParameterTuningJobName": "job", "HyperParameterTuningJobConfig": {}}),
        (
            JobKind.LABELING,
            {"LabelingJobName": "job", "InputConfig": {}, "OutputConfig": {}, "RoleArn": "r", "HumanTaskConfig": {}},
        ),
    ],
)
def test_a_description_has_every_required_member_and_no_unknown_one(kind: JobKind, request_: dict[str, Any]) -> None:
    response = describe.described(kind, {**request_, "Tags": []}, "arn:job", _AT)
    shape = output_shape(kind.describe_operation)
    assert set(shape.required) <= set(response) <= set(shape.members)


def test_metrics_keep_the_last_value_and_skip_what_is_no_number() -> None:
    troubles: list[str] = []
    definitions = [{"Name": "loss", "Regex": "loss=(.*?);"}, {"Name": "none", "Regex": "x=(.*)"}]
    reader = metrics.MetricReader(definitions, troubles.append)
    for line in ("loss=0.5; loss=0.25;", "loss=nothing;", "other"):
        reader.read(line)
    assert [(found["MetricName"], found["Value"]) for found in reader.final()] == [("loss", 0.25)]
    assert troubles == []


def test_shards_are_a_partition() -> None:
    objects = [S3Object("b", f"k{number}", f"k{number}") for number in range(7)]
    shares = [shard(objects, host=host, hosts=3) for host in range(3)]
    assert sorted(found.key for share in shares for found in share) == [found.key for found in objects]
    assert [len(share) for share in shares] == [3, 2, 2]


@pytest.mark.parametrize(
    ("key", "prefix", "path"),
    [
        ("in/a.csv", "in/a.csv", "a.csv"),
        ("in/x/a.csv", "in/", "x/a.csv"),
        ("in/x/a.csv", "in", "x/a.csv"),
        ("in/part-1.csv", "in/part", "part-1.csv"),
        ("a.csv", "", "a.csv"),
    ],
)
def test_where_an_object_goes(key: str, prefix: str, path: str) -> None:
    assert relative_path(key, prefix) == path


def test_what_is_no_s3_uri_is_refused() -> None:
    with pytest.raises(JobError, match="is not an S3 URI"):
        split_uri("https://bucket/key")


@pytest.mark.parametrize("path", ["/etc", "/opt/ml/../../etc", "relative"])
def test_a_local_path_outside_opt_ml_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(JobError, match="must lie below /opt/ml"):
        Host("algo-1", 0, tmp_path).path(path)


def test_an_image_is_mapped_by_a_part_of_its_uri() -> None:
    assert command_for("1.dkr.ecr/my-repo:latest", {"my-repo": ["python3", "x.py"]}) == ["python3", "x.py"]
    with pytest.raises(JobError, match=re.escape('LocalAws(images={"other":')):
        command_for("1.dkr.ecr/other:latest", {"my-repo": []})


def test_what_the_state_machine_needs_depends_on_sync() -> None:
    where = {"region": "cn-north-1", "account": "111122223333"}
    creating, passing = access.needs("CreateProcessingJob", _PROCESSING, **where)
    assert creating.action == "sagemaker:CreateProcessingJob"
    assert creating.resource == "arn:aws-cn:sagemaker:cn-north-1:111122223333:processing-job/job"
    assert (passing.action, passing.context) == ("iam:PassRole", {"iam:passedtoservice": "sagemaker.amazonaws.com"})
    waiting = access.sync_needs(JobKind.PROCESSING, "job", **where)
    assert {need.action for need in waiting} >= {"sagemaker:AddTags", "sagemaker:StopProcessingJob", "events:PutRule"}


def test_images_of_sagemakers_own_accounts_need_permission_too() -> None:
    where = {"region": "us-east-1", "account": "111122223333"}
    needs = permissions.job_needs(JobKind.PROCESSING, _PROCESSING, **where, key_arn=str)
    repository = "arn:aws:ecr:us-west-2:246618743249:repository/sagemaker-scikit-learn"
    assert permissions.Need("ecr:BatchGetImage", repository) in needs
    assert permissions.job_needs(JobKind.TRAINING, _TRAINING, **where, key_arn=str) == []


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_of_a_region(region: str, partition: str) -> None:
    assert partition_of(region) == partition


def test_requests_are_checked_by_the_apis_model() -> None:
    valid = {**_PROCESSING, "ProcessingInputs": []}
    assert requests.problems("CreateProcessingJob", valid) is None
    wrong = {**_TRAINING, "ResourceConfig": {"InstanceCount": "1"}}
    assert "InstanceCount" in str(requests.problems("CreateTrainingJob", wrong))
    wrong = {**_TRAINING, "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "Flie"}}
    assert "got 'Flie'" in str(requests.problems("CreateTrainingJob", wrong))
    assert requests.whole_numbers({"a": [1.0, 1.5], "b": None}) == {"a": [1, 1.5]}
    assert list(requests.completed("StartPipelineExecution", {})) == ["ClientRequestToken"]
    assert requests.completed("CreateModel", {}) == {}


def test_a_cancelled_scope_cancels_what_lies_in_it() -> None:
    outer = call.CancelScope()
    inner = call.CancelScope(outer)
    inner.check()
    outer.cancel("Error", "cause")
    outer.cancel("Later", "ignored")
    with pytest.raises(call.CancelledError):
        inner.check()
    assert inner.failure == call.CancelScope(outer).failure == ("Error", "cause")


def test_paths_are_rewritten_where_namespaces_are_forbidden(tmp_path: Path) -> None:
    plain = sandbox.Sandbox(())
    request = {"in": ["--x=/opt/ml/a", "s3://bucket/opt/ml/b", "/opt/mlx"], "n": 1}
    assert plain.seen(request, tmp_path) == {"in": [f"--x={tmp_path}/a", "s3://bucket/opt/ml/b", "/opt/mlx"], "n": 1}
    assert sandbox.Sandbox(("unshare", "-m")).seen(request, tmp_path) == request


def test_every_private_name_of_ministack_is_there() -> None:
    pinned.check()


def test_another_ministack_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmulatorEnvironment, "version", "1.0.0")
    with pytest.raises(LocalRunError, match=re.escape("ministack must be 1.5.33, got 1.0.0")):
        pinned.check()


def _deployment(**outputs: str) -> Deployment:
    resources = [
        Resource("RawData1", "AWS::S3::Bucket", "raw", "RawData"),
        Resource("A1", "AWS::S3::Bucket", "a-log", "A/Log"),
        Resource("B1", "AWS::S3::Bucket", "b-log", "B/Log"),
    ]
    return Deployment(None, name="Stack", resources=resources, outputs=outputs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("s3://${RawData}/x", "s3://raw/x"),
        ("s3://${RawData1}/x", "s3://raw/x"),
        ("${A/Log}-${B/Log}", "a-log-b-log"),
        ("${Out}", "value"),
        ("plain", "plain"),
    ],
)
def test_names_are_resolved(text: str, resolved: str) -> None:
    assert _deployment(Out="value").resolve(text) == resolved


@pytest.mark.parametrize(("name", "said"), [("Nothing", "is not an output"), ("Log", "means several resources")])
def test_a_name_that_is_not_clear_is_refused(name: str, said: str) -> None:
    with pytest.raises(LocalRunError, match=said):
        _deployment().resolve(f"${{{name}}}")


def test_the_error_lists_what_may_be_meant() -> None:
    """Near names first; parts of other resources are left out, and imported buckets have no name here."""
    resources = [
        Resource("RawData1", "AWS::S3::Bucket", "raw", "RawData"),
        Resource("RawData2", "AWS::S3::BucketPolicy", "raw", "RawData/Policy"),
        Resource("Group1", "AWS::EC2::SecurityGroupIngress", "rule", "Group/from 0.0.0.0_0:ALL TRAFFIC"),
        Resource("Route1", "AWS::EC2::SubnetRouteTableAssociation", "route", "Vpc/RouteTableAssociation"),
    ]
    deployment = Deployment(None, name="Stack", resources=resources, outputs={})  # type: ignore[arg-type]
    with pytest.raises(LocalRunError) as refused:
        deployment.resolve("${RawDat}")
    assert str(refused.value) == (
        "${RawDat} is not an output, a logical id or a construct of stack Stack; did you mean RawData?; there are: RawData; "
        "a bucket that the app imports is named by its own URI, s3://NAME/..., and given by --bucket NAME=FOLDER"
    )


def test_the_path_of_a_construct() -> None:
    assert construct_path("Stage/Stack/Job/Role/Resource", "Stage/Stack") == "Job/Role"
    assert construct_path("Stack/Resource", "Stack") == "Resource"


def _assembly(directory: Path) -> Path:
    def stack(name: str, *needs: str) -> dict[str, Any]:
        (directory / f"{name}.json").write_text("{}")
        return {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-west-1",
            "properties": {"templateFile": f"{name}.json", "stackName": f"{name}-stack"},
            "displayName": f"App/{name} ({name}-stack)",
            "dependencies": [f"{name}.assets", *needs],
        }

    (directory / "folder").mkdir()
    (directory / "folder" / "x.py").write_text("x")
    files = {
        "1": {
            "source": {"path": "folder", "packaging": "zip"},
            "destinations": {"here": {"bucketName": "assets-${AWS::Region}", "objectKey": "1.zip"}},
        }
    }
    (directory / "A.assets.json").write_text(json.dumps({"files": files}))
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}}
    artifacts = {"A": stack("A"), "A.assets": assets, "B": stack("B", "A")}
    (directory / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return directory


def test_an_assemblys_stacks_are_deployed_in_order(tmp_path: Path) -> None:
    stacks = read(_assembly(tmp_path))
    wanted = choose(stacks, "B-stack")
    assert wanted == choose(stacks, "App/B")
    assert (wanted.account, wanted.region) == ("111122223333", "eu-west-1")
    assert [stack.artifact for stack in in_order(stacks, wanted)] == ["A", "B"]
    (asset,) = choose(stacks, "A").assets
    assert asset.zipped
    content = asset.content()
    os.utime(asset.path / "x.py", (0, 0))
    assert asset.content() == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("x.py") == b"x"
    with pytest.raises(LocalRunError, match="name one stack"):
        choose(stacks, None)
    with pytest.raises(LocalRunError, match="is not a cloud assembly"):
        read(tmp_path / "folder")


def test_an_app_is_found_and_its_failure_told(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise ValueError('a wrong prop\\nand another')")
    app = find(tmp_path / "app.py")
    with pytest.raises(LocalRunError) as caught:
        synth.synthesize(app, tmp_path / "out", account="1", region="r")
    assert str(caught.value).endswith("ValueError: a wrong prop\nand another")
    assert find(tmp_path).command == "python3 app.py"  # as there is no cdk.json
    (tmp_path / "app.py").unlink()
    with pytest.raises(LocalRunError, match="name the app"):
        find(tmp_path)


def test_an_app_is_given_its_context(tmp_path: Path) -> None:
    config = {"app": "python3 app.py", "context": {"colour": "red", "constructs-ml:run": {"input": {"a": 1}}}}
    (tmp_path / "cdk.json").write_text(json.dumps(config))
    (tmp_path / "app.py").write_text(
        "import json, os, pathlib, sys\n"
        "out = pathlib.Path(os.environ['CDK_OUTDIR']); out.mkdir()\n"
        "told = [json.loads(os.environ['CDK_CONTEXT_JSON']), os.environ['CDK_DEFAULT_REGION'], sys.executable]\n"
        "(out / 'manifest.json').write_text(json.dumps({'artifacts': {}, 'told': told}))\n"
    )
    app = find(tmp_path)
    assert app.input == {"a": 1}
    assert app.data == {}
    made = synth.synthesize(app, tmp_path / "out", account="1", region="eu-west-1")
    context, region, interpreter = json.loads((made / "manifest.json").read_text())["told"]
    assert context["colour"] == "red"
    assert context["aws:cdk:enable-path-metadata"] is True
    assert region == "eu-west-1"
    assert Path(interpreter).parent == Path(sys.executable).parent


def test_a_file_inside_a_package_is_found_without_importing_it(tmp_path: Path) -> None:
    assert given.source("package:pytest/py.typed", tmp_path) == Path(os.fspath(pytest.__file__)).parent / "py.typed"
    assert given.source("raw.csv", tmp_path) == tmp_path / "raw.csv"
    with pytest.raises(LocalRunError, match="there is no package nowhere"):
        given.source("package:nowhere/x.csv", tmp_path)
