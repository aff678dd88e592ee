"""Processing jobs from processors of version 3 of the SageMaker SDK."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.folders import tarfile
from constructs_ml.sdk import DERIVED_ROLE, offline_session

pytest.importorskip("sagemaker.core.processing")

if TYPE_CHECKING:
    from collections.abc import Callable


IMAGE = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.2-1"
OWN_PLACE = "$$.Execution.Name"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "preprocess.py").write_text("print('rows')\n", encoding="utf-8")
    (folder / "requirements.txt").write_text("", encoding="utf-8")
    return folder


def common(**more: Any) -> dict[str, Any]:
    given = {
        "role": DERIVED_ROLE,
        "image_uri": IMAGE,
        "instance_count": 1,
        "instance_type": "ml.m5.large",
        "sagemaker_session": offline_session(),
    }
    return given | more


def read(uri: str, name: str = "raw") -> Any:
    from sagemaker.core.shapes import ProcessingInput, ProcessingS3Input

    s3_input = ProcessingS3Input(
        s3_uri=uri, local_path=f"/opt/ml/processing/input/{name}", s3_data_type="S3Prefix", s3_input_mode="File"
    )
    return ProcessingInput(input_name=name, s3_input=s3_input)


def written(uri: str = "", name: str = "train") -> Any:
    from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output

    s3_output = ProcessingS3Output(s3_uri=uri, local_path=f"/opt/ml/processing/{name}", s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name=name, s3_output=s3_output)


def plain(**more: Any) -> Any:
    from sagemaker.core.processing import Processor

    return Processor(entrypoint=["python3", "/opt/app.py"], **common(**more))


def script(**more: Any) -> Any:
    from sagemaker.core.processing import ScriptProcessor

    return ScriptProcessor(command=["python3"], **common(**more))


def framework(**more: Any) -> Any:
    from sagemaker.core.processing import FrameworkProcessor

    return FrameworkProcessor(command=["python3"], **common(**more))


def parameters(states: dict[str, Any]) -> dict[str, Any]:
    (state,) = states.values()
    found: dict[str, Any] = state["Parameters"]
    return found


def actions(template: dict[str, Any], action: str) -> str:
    """What the jobs' role is granted an action on."""
    documents = [
        item["Properties"]["PolicyDocument"]
        for name, item in template["Resources"].items()
        if item["Type"] == "AWS::IAM::Policy" and "Job" in name
    ]
    statements = [item for document in documents for item in document["Statement"] if action in item["Action"]]
    return json.dumps([item["Resource"] for item in statements])


def assets_of(stack: Stack) -> list[Path]:
    from aws_cdk import Stage

    stage = Stage.of(stack)
    assert stage is not None
    return sorted(Path(stage.synth().directory).glob("asset.*"))


def test_a_processor_becomes_the_request_that_it_would_make(stack: Stack, asl: Callable[..., dict[str, Any]]) -> None:
    job = ml.ProcessingJob.from_processor(
        stack,
        "Preprocess",
        plain(env={"LEVEL": "info"}, tags=[{"Key": "team", "Value": "ml"}], max_runtime_in_seconds=600),
        run={"inputs": [read("s3://census/raw")], "outputs": [written()], "arguments": ["--ratio", "0.2"]},
    )
    request = parameters(asl(stack, job))
    assert request["AppSpecification"] == {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": ["python3", "/opt/app.py"],
        "ContainerArguments": ["--ratio", "0.2"],
    }
    assert request["ProcessingInputs"][0]["S3Input"]["S3Uri"] == "s3://census/raw"
    assert request["Environment"] == {"LEVEL": "info"}
    assert request["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}
    assert "States.UUID()" in request["ProcessingJobName.$"]
    assert OWN_PLACE in request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri.$"]
    assert OWN_PLACE in job.output("train").location.jsonpath  # type: ignore[union-attr]


def test_its_role_is_derived_from_the_request(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/volume"
    job = ml.ProcessingJob.from_processor(
        stack,
        "Preprocess",
        plain(volume_kms_key=key, output_kms_key=key.replace("volume", "output")),
        run={"inputs": [read("s3://census/raw")], "outputs": [written()]},
    )
    template = synth(stack)
    assert "census/raw*" in actions(template, "s3:GetObject")
    assert job.output("train").objects[0].prefix in actions(template, "s3:PutObject")
    assert "repository/sagemaker-scikit-learn" in actions(template, "ecr:BatchGetImage")
    assert "key/volume" in actions(template, "kms:CreateGrant")
    assert "key/output" in actions(template, "kms:GenerateDataKey")


def test_a_script_becomes_an_asset_under_its_own_name(
    stack: Stack, asl: Callable[..., dict[str, Any]], source: Path
) -> None:
    job = ml.ProcessingJob.from_processor(
        stack, "Preprocess", script(), run={"code": str(source / "preprocess.py"), "outputs": [written()]}
    )
    request = parameters(asl(stack, job))
    interpreter, path = request["AppSpecification"]["ContainerEntrypoint"]
    (asset,) = [item for item in assets_of(stack) if item.suffix == ".py"]
    assert (interpreter, path) == ("python3", "/opt/ml/processing/input/code/preprocess.py")
    assert request["ProcessingInputs"][0]["S3Input"]["S3Uri"].endswith("/preprocess.py")
    assert asset.read_text(encoding="utf-8") == "print('rows')\n"


def test_a_directory_is_unpacked_where_the_sdk_would_have_put_it(
    stack: Stack, asl: Callable[..., dict[str, Any]], source: Path, tmp_path: Path
) -> None:
    job = ml.ProcessingJob.from_processor(
        stack, "Preprocess", framework(), run={"code": "preprocess.py", "source_dir": str(source)}
    )
    request = parameters(asl(stack, job))
    entrypoint = request["AppSpecification"]["ContainerEntrypoint"]
    (archive,) = [item for item in assets_of(stack) if item.suffix == ".gz"]
    command = entrypoint[entrypoint.index("--") + 1 :]
    assert entrypoint[:2] == ["sh", "-c"]
    assert entrypoint[3:5] == ["sh", "/opt/ml/processing/input/code"]
    assert command[0] == "/bin/bash"
    assert command[1].startswith("/opt/ml/processing/input/entrypoint/")
    with tarfile.open(archive) as opened:
        assert "sourcedir.tar.gz" in opened.getnames()
        opened.extractall(tmp_path, filter="data")
    with tarfile.open(tmp_path / "sourcedir.tar.gz") as inner:
        assert inner.getnames() == ["preprocess.py", "requirements.txt"]


@pytest.mark.parametrize("run", [{"code": "preprocess.py", "source_dir": "src"}, {"code": "src/preprocess.py"}])
def test_the_template_is_the_same_on_every_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path, run: dict[str, Any]
) -> None:
    from aws_cdk import App

    monkeypatch.chdir(source.parent)
    templates = []
    for at in range(2):
        (source / "preprocess.py").touch()
        stack = Stack(App(outdir=str(tmp_path / str(at)), analytics_reporting=False), "Census")
        job = ml.ProcessingJob.from_processor(stack, "Preprocess", framework(), run={**run, "outputs": [written()]})
        sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(job))
        assembly = Path(stack.node.root.synth().directory)  # type: ignore[attr-defined]
        templates.append((assembly / stack.template_file).read_text(encoding="utf-8"))
    assert templates[0] == templates[1]
    assert "constructs-ml-offline" not in templates[0]


def test_runtime_references_pass_through(stack: Stack, asl: Callable[..., dict[str, Any]]) -> None:
    bucket = s3.Bucket(stack, "Data")
    job = ml.ProcessingJob.from_processor(
        stack,
        "Preprocess",
        plain(instance_type=ml.execution_input("InstanceType"), env={"DAY": ml.execution_input("Day")}),
        run={
            "inputs": [read(f"s3://{bucket.bucket_name}/{ml.execution_input('Day')}/")],
            "arguments": ["--ratio", ml.execution_input("Ratio")],
        },
    )
    request = parameters(asl(stack, job))
    assert request["AppSpecification"]["ContainerArguments.$"] == (
        "States.Array('--ratio', $$.Execution.Input['Ratio'])"
    )
    assert request["Environment"] == {"DAY.$": "$$.Execution.Input['Day']"}
    cluster = request["ProcessingResources"]["ClusterConfig"]
    assert cluster["InstanceType.$"] == "$$.Execution.Input['InstanceType']"
    assert "$$.Execution.Input['Day']" in request["ProcessingInputs"][0]["S3Input"]["S3Uri.$"]


def test_the_output_of_another_job_is_read_and_granted(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    first = ml.ProcessingJob.from_processor(stack, "First", plain(), run={"outputs": [written()]})
    train = first.output("train")
    second = ml.ProcessingJob.from_processor(
        stack, "Second", plain(), run={"inputs": [read(train.uri)]}, within=[train]
    )
    assert second.request["ProcessingInputs"][0]["S3Input"]["S3Uri"] == train.location
    assert train.objects[0].prefix in actions(synth(stack), "s3:GetObject")


def test_a_location_without_a_known_bucket_needs_to_be_told(stack: Stack) -> None:
    run = {"inputs": [read(ml.execution_input("Data"))]}
    with pytest.raises(ml.InvalidPropsError, match=r"inputs\['raw'\] has a location that is known only at run time"):
        ml.ProcessingJob.from_processor(stack, "Preprocess", plain(), run=run)
    within = [ml.S3Data.from_uri("s3://census/raw/")]
    ml.ProcessingJob.from_processor(stack, "Told", plain(), run=run, within=within)


def test_the_processors_own_role_is_kept_and_granted(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    arn = "arn:aws:iam::111122223333:role/Research"
    job = ml.ProcessingJob.from_processor(stack, "Preprocess", plain(role=arn), run={"inputs": [read("s3://c/r")]})
    assert job.request["RoleArn"] == arn
    assert "s3:::c/r*" in json.dumps(synth(stack))


def test_a_role_that_is_passed_goes_before_the_processors(stack: Stack) -> None:
    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    job = ml.ProcessingJob.from_processor(stack, "Preprocess", plain(role="Research"), role=role)
    assert job.request["RoleArn"] == role.role_arn


def test_the_nearest_defaults_hold_where_the_processor_says_nothing(
    stack: Stack, asl: Callable[..., dict[str, Any]]
) -> None:
    from sagemaker.core.network import NetworkConfig

    ml.JobDefaults(network_isolation=True, environment={"STAGE": "prod", "LEVEL": "warning"}).apply_to(stack)
    network = NetworkConfig(security_group_ids=["sg-1"], subnets=["subnet-1"])
    processor = plain(network_config=network, env={"LEVEL": "info"})
    request = parameters(asl(stack, ml.ProcessingJob.from_processor(stack, "Preprocess", processor)))
    assert request["NetworkConfig"]["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    assert request["NetworkConfig"]["EnableNetworkIsolation"] is True
    assert request["Environment"] == {"STAGE": "prod", "LEVEL": "info"}


def test_the_processor_is_left_as_it_is(stack: Stack, source: Path) -> None:
    processor = script()
    before = dict(vars(processor))
    run = {"code": str(source / "preprocess.py"), "inputs": [read("s3://census/raw")], "outputs": [written()]}
    ml.ProcessingJob.from_processor(stack, "Preprocess", processor, run=run)
    assert vars(processor) == before
    assert run["outputs"][0].s3_output.s3_uri == ""


def test_local_data_of_an_image_with_its_own_entry_point_is_refused(stack: Stack, source: Path) -> None:
    from sagemaker.core.processing import Processor

    processor = Processor(**common())
    with pytest.raises(ml.InvalidPropsError, match="entrypoint is required for local files"):
        ml.ProcessingJob.from_processor(stack, "Preprocess", processor, run={"inputs": [read(str(source))]})


def test_a_pipeline_variable_is_refused(stack: Stack) -> None:
    from sagemaker.core.workflow.parameters import ParameterString

    with pytest.raises(ValueError, match=r"has a ParameterString in it.*execution_input"):
        ml.ProcessingJob.from_processor(stack, "Preprocess", plain(env={"DAY": ParameterString("Day")}))


def test_a_subclass_of_the_users_is_kept(stack: Stack) -> None:
    class OurJob(ml.ProcessingJob):
        """One of a platform team's."""

    assert isinstance(OurJob.from_processor(stack, "Preprocess", plain()), OurJob)


def test_an_offline_session_calls_nothing() -> None:
    session = offline_session(region="eu-west-1")
    assert session.boto_region_name == "eu-west-1"
    with pytest.raises(RuntimeError, match="wants to call s3"):
        session.s3_client.head_bucket(Bucket="b")
    with pytest.raises(RuntimeError, match="uploads nothing"):
        session.upload_data("file")


def test_a_job_name_in_the_arguments_is_the_jobs(stack: Stack) -> None:
    job = ml.ProcessingJob.from_processor(stack, "Preprocess", plain(), run={"job_name": "nightly"})
    assert job.request["ProcessingJobName"] == "nightly"


def test_what_is_packed_is_unpacked_by_the_entry_point(
    stack: Stack, source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    job = ml.ProcessingJob.from_processor(stack, "Preprocess", plain(), run={"inputs": [read(str(source))]})
    mounted = tmp_path / "raw"
    mounted.mkdir()
    (archive,) = [item for item in assets_of(stack) if item.suffix == ".gz"]
    shutil.copy(archive, mounted / "constructs-ml.tar.gz")
    entrypoint = job.request["AppSpecification"]["ContainerEntrypoint"]
    shell = entrypoint[: entrypoint.index("--") + 1]
    here = [item.replace("/opt/ml/processing/input/raw", str(mounted)) for item in shell]
    subprocess.run([*here, sys.executable, str(mounted / "preprocess.py")], check=True)
    assert capfd.readouterr().out == "rows\n"
