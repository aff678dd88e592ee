"""Objects of the SageMaker SDK are left as they are, and what of them cannot be handed on is named."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack, Stage

import constructs_ml as ml
from constructs_ml.sdk import DERIVED_ROLE, offline_session

pytest.importorskip("sagemaker.core.processing")

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.2-1"


def common(**more: Any) -> dict[str, Any]:
    given = {
        "role": DERIVED_ROLE,
        "image_uri": IMAGE,
        "instance_count": 1,
        "instance_type": "ml.m5.large",
        "sagemaker_session": offline_session("us-east-1"),
    }
    return given | more


def plain(**more: Any) -> Any:
    from sagemaker.core.processing import Processor

    return Processor(entrypoint=["python3", "/opt/app.py"], **common(**more))


def framework(**more: Any) -> Any:
    from sagemaker.core.processing import FrameworkProcessor

    return FrameworkProcessor(**common(**more))


def spark() -> Any:
    from sagemaker.core.spark.processing import PySparkProcessor

    given = common()
    del given["image_uri"]
    return PySparkProcessor(framework_version="3.3", **given)


def read(uri: str, name: str = "raw") -> Any:
    from sagemaker.core.shapes import ProcessingInput, ProcessingS3Input

    s3_input = ProcessingS3Input(
        s3_uri=uri, local_path=f"/opt/ml/processing/input/{name}", s3_data_type="S3Prefix", s3_input_mode="File"
    )
    return ProcessingInput(input_name=name, s3_input=s3_input)


def folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return path


def assets_of(stack: Stack) -> list[Path]:
    stage = Stage.of(stack)
    assert stage is not None
    return sorted(Path(stage.synth().directory).glob("asset.*"))


def test_a_job_sees_the_files_that_the_user_gave_and_no_others(stack: Stack, tmp_path: Path) -> None:
    """What they were packed in is gone once they are unpacked."""
    data = folder(tmp_path / "data", a__csv="1\n", b__csv="2\n")
    job = ml.ProcessingJob.from_processor(stack, "Job", plain(), run={"inputs": [read(str(data))]})
    (archive,) = [item for item in assets_of(stack) if item.suffix == ".gz"]
    mounted = folder(tmp_path / "mounted")
    (mounted / "constructs-ml.tar.gz").write_bytes(archive.read_bytes())
    entrypoint = job.request["AppSpecification"]["ContainerEntrypoint"]
    at = entrypoint.index("--")
    here = [str(mounted) if item == "/opt/ml/processing/input/raw" else item for item in entrypoint[: at + 1]]
    done = subprocess.run([*here, "ls", str(mounted)], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["a.csv", "b.csv"]


def test_one_file_is_shipped_under_its_own_name(stack: Stack, tmp_path: Path) -> None:
    """Nothing is packed, so that images with an entry point of their own find it too."""
    from sagemaker.core.processing import Processor

    data = folder(tmp_path / "data", lookup__csv="1\n")
    run = {"inputs": [read(str(data / "lookup.csv"))]}
    job = ml.ProcessingJob.from_processor(stack, "Job", Processor(**common()), run=run)
    assert str(job.request["ProcessingInputs"][0]["S3Input"]["S3Uri"]).endswith("/lookup.csv")
    assert job.request["AppSpecification"].get("ContainerEntrypoint") is None


def test_as_many_folders_as_there_are(stack: Stack, tmp_path: Path) -> None:
    """An item of an entry point has at most 256 characters."""
    names = [f"an-input-with-a-long-name-{number}" for number in range(8)]
    inputs = [read(str(folder(tmp_path / name, a__csv="1", b__csv=name)), name) for name in names]
    job = ml.ProcessingJob.from_processor(stack, "Job", plain(), run={"inputs": inputs})
    entrypoint = job.request["AppSpecification"]["ContainerEntrypoint"]
    assert max(map(len, entrypoint)) <= 256
    assert [item.rsplit("/", 1)[1] for item in entrypoint if item.startswith("/opt/ml")] == [*names]


@pytest.mark.parametrize(
    "command", [["python3", "-W", ml.execution_input("Level")], ["python3", f"--day={ml.execution_input('Day')}"]]
)
def test_a_value_in_a_file_that_is_shipped_is_named(stack: Stack, tmp_path: Path, command: list[str]) -> None:
    """It would be a placeholder there, for ever."""
    source = folder(tmp_path / "src", prepare__py="print(1)\n")
    run = {"code": "prepare.py", "source_dir": str(source)}
    with pytest.raises(ml.InvalidPropsError, match=r"Execution.Input\['(Level|Day)'\].*is written by the SDK into"):
        ml.ProcessingJob.from_processor(stack, "Job", framework(command=command), run=run)


def test_a_configuration_of_spark_is_shipped(stack: Stack, tmp_path: Path) -> None:
    """And helpers of the app are found in a folder that has nothing else in it."""
    source = folder(tmp_path / "src", app__py="print(1)\n", helpers__py="x = 1\n", more__py="y = 1\n")
    run = {
        "submit_app": str(source / "app.py"),
        "submit_py_files": [str(source / "helpers.py"), str(source / "more.py")],
        "configuration": [{"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}],
    }
    job = ml.ProcessingJob.from_processor(stack, "Job", spark(), run=run)
    inputs = {item["InputName"]: item["S3Input"] for item in job.request["ProcessingInputs"]}
    assert str(inputs["conf"]["S3Uri"]).endswith("/configuration.json")
    assert "/opt/ml/processing/input/py-files" in job.request["AppSpecification"]["ContainerEntrypoint"]
    shipped = [json.loads(item.read_text()) for item in assets_of(stack) if item.suffix == ".json"]
    assert [{"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}] in shipped


def test_two_files_at_one_address_are_refused_unless_they_are_the_same(stack: Stack, tmp_path: Path) -> None:
    """Only one of them could be there."""
    one, two = folder(tmp_path / "one", x__csv="1"), folder(tmp_path / "two", x__csv="2")
    with pytest.raises(ValueError, match="two different files"):
        ml.ProcessingJob.from_processor(
            stack, "Job", plain(), run={"inputs": [read(str(one / "x.csv")), read(str(two / "x.csv"))]}
        )
    same = folder(tmp_path / "same", x__csv="1")
    inputs = [read(str(one / "x.csv")), read(str(same / "x.csv"), "again"), read(str(two), "other")]
    assert ml.ProcessingJob.from_processor(stack, "Same", plain(), run={"inputs": inputs})


def test_the_sdks_own_defaults_are_kept(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of its configuration file, which JobDefaults are the counterpart of."""
    config = tmp_path / "config.yaml"
    config.write_text(
        "SchemaVersion: '1.0'\nSageMaker:\n  ProcessingJob:\n    Environment: {LEVEL: debug}\n"
        "    NetworkConfig: {EnableNetworkIsolation: true}\n    Tags: [{Key: team, Value: ml}]\n"
    )
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(config))
    job = ml.ProcessingJob.from_processor(stack, "Job", plain(sagemaker_session=offline_session()))
    assert job.request["Environment"] == {"LEVEL": "debug"}
    assert job.request["NetworkConfig"]["EnableNetworkIsolation"] is True
    assert job.request["Tags"] == [{"Key": "team", "Value": "ml"}]


@pytest.mark.parametrize("tag", [{"key": "team", "value": "ml"}, {"Key": "team", "Value": "ml"}])
def test_tags_in_either_case(stack: Stack, tag: dict[str, str]) -> None:
    """The SDK's newer objects have them in lower case."""
    job = ml.ProcessingJob.from_processor(stack, "Job", plain(tags=[tag]), tags={"stage": "test"})
    assert job.request["Tags"] == [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "ml"}]


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"env": ml.execution_input("X")}, "Environment"),
        ({"tags": ml.execution_input("X")}, "Tags"),
        ({"network": ml.execution_input("X")}, "NetworkConfig.VpcConfig.Subnets"),
    ],
)
def test_a_text_for_a_list_is_named(stack: Stack, given: dict[str, Any], member: str) -> None:
    """Where it is read item by item; it was a TypeError, or came out letter by letter."""
    from sagemaker.core.network import NetworkConfig

    network = given.pop("network", None)
    if network is not None:
        given = {"network_config": NetworkConfig(subnets=network, security_group_ids=["sg-1"])}
    with pytest.raises(ml.InvalidPropsError, match=rf"{member} must be a .*, got the string .*Execution.Input\['X'\]"):
        ml.ProcessingJob.from_processor(stack, "Job", plain(**given))


def test_a_text_that_came_out_letter_by_letter_is_named(stack: Stack) -> None:
    """The SDK makes lists of texts in places."""
    run = {"arguments": list(ml.execution_input("Words"))}
    job = ml.ProcessingJob.from_processor(stack, "Letters", plain(), run=run)
    assert job.request["AppSpecification"]["ContainerArguments"] == run["arguments"]
    from constructs_ml.sdk.lost import spelled_out
    from constructs_ml.sdk.placeholders import Placeholders

    placeholders = Placeholders(None, type(None))
    mark = placeholders.encode(ml.execution_input("Words"))
    (fault,) = spelled_out({"Deep": [{"Items": list(mark)}]}, placeholders)
    assert str(fault).startswith("Deep[0].Items must be a list, got the string $$.Execution.Input['Words']")


def test_arguments_may_be_a_list_at_run_time(stack: Stack, asl: Callable[..., dict[str, Any]]) -> None:
    """As for a job that is defined by props."""
    run = {"arguments": ml.execution_input("Arguments")}
    job = ml.ProcessingJob.from_processor(stack, "Job", plain(), run=run)
    specification = asl(stack, job)["Job"]["Parameters"]["AppSpecification"]
    assert specification["ContainerArguments.$"] == "$$.Execution.Input['Arguments']"


def test_the_output_of_a_job_of_the_stack_is_known(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """By its URI alone, as the SDK takes it."""
    prepare = ml.ProcessingJob(stack, "Prepare", image=ml.ContainerImage.sklearn("1.2-1"), outputs=["train"])
    train = prepare.output("train")
    job = ml.ProcessingJob.from_processor(stack, "Job", plain(), run={"inputs": [read(train.uri)]})
    assert job.request["ProcessingInputs"][0]["S3Input"]["S3Uri"] == train.location
    assert train.objects[0].prefix in json.dumps(synth(stack))


def test_the_object_is_left_as_it_was(stack: Stack, tmp_path: Path) -> None:
    """Deeply."""
    source = folder(tmp_path / "src", prepare__py="print(1)\n")
    processor = framework(command=["python3"], tags=[{"Key": "team", "Value": "ml"}], env={"LEVEL": "info"})
    session = processor.sagemaker_session
    before = copy.deepcopy({name: value for name, value in vars(processor).items() if name != "sagemaker_session"})
    run = {"code": "prepare.py", "source_dir": str(source), "inputs": [read("s3://census/raw")]}
    given = copy.deepcopy(run)
    ml.ProcessingJob.from_processor(stack, "Job", processor, run=run)
    after = {name: value for name, value in vars(processor).items() if name != "sagemaker_session"}
    assert after == before
    assert processor.sagemaker_session is session
    assert run == given


class Pipeline:
    """Has the name of one of the SDK's."""


class ModelBuilder:
    """The same."""


class Unknown:
    """Nothing that the SDK has."""


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (Pipeline(), "got Pipeline; define a PipelineExecution"),
        (ModelBuilder(), "got ModelBuilder; define a CreateModel"),
        (Unknown(), "must be a processor of the SageMaker SDK, got Unknown"),
        ({"ImageUri": IMAGE}, "got dict"),
        (None, "got NoneType"),
        ("processor", "got str"),
    ],
)
def test_another_object_is_named_with_what_takes_its_place(stack: Stack, thing: Any, said: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.ProcessingJob.from_processor(stack, "Job", thing)
    assert said in str(caught.value)


def test_objects_of_the_sdks_other_kinds_are_told_apart(stack: Stack) -> None:
    from sagemaker.core.transformer import Transformer

    with pytest.raises(ml.InvalidPropsError, match=r"got Transformer; call TransformJob\.from_transformer"):
        ml.ProcessingJob.from_processor(
            stack, "Job", Transformer("m", 1, "ml.m5.large", sagemaker_session=offline_session())
        )
    with pytest.raises(ml.InvalidPropsError, match=r"got Processor; call ProcessingJob\.from_processor"):
        ml.TrainingJob.from_model_trainer(stack, "Train", plain())


# What the SDK refuses is told with the construct


@pytest.mark.parametrize(
    ("given", "run", "said"),
    [
        (
            {},
            {"inputs": [read("/nowhere/raw.csv")]},
            "is refused by the SageMaker SDK: FileNotFoundError: .*nowhere/raw.csv",
        ),
        ({}, {"input": []}, "unexpected keyword argument 'input'"),
        ({}, [1], r"run must be a mapping of the method's arguments, got list; pass {'inputs': \[...\]}"),
        ({}, {"arguments": "--day 1"}, r"run\['arguments'\] must be a list of strings, got the string '--day 1'"),
        ({"network_config": {"vpc": 1}}, {}, "is refused by the SageMaker SDK: AttributeError"),
    ],
)
def test_what_the_sdk_refuses_is_told_with_the_construct(
    stack: Stack, given: dict[str, Any], run: Any, said: str
) -> None:
    with pytest.raises(ml.InvalidPropsError, match=said) as raised:
        ml.ProcessingJob.from_processor(stack, "Job", plain(**given), run=run)
    assert str(raised.value).startswith(f"{stack.node.path}/Job: ")


def test_an_entry_point_that_is_a_text_is_told(stack: Stack) -> None:
    """It was the list of its letters."""
    from sagemaker.core.processing import Processor

    said = r"entrypoint must be a list of strings, got the string 'python3 app.py'; pass \['python3', 'app.py'\]"
    with pytest.raises(ml.InvalidPropsError, match=said):
        ml.ProcessingJob.from_processor(stack, "Job", Processor(entrypoint="python3 app.py", **common()))
