"""The two pipelines: what they are by default, what subclasses change, and that they run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Size
from aws_cdk import aws_stepfunctions as sfn
from support.templates import definition, statements

import constructs_ml as ml
from constructs_ml.local import LocalAws
from constructs_ml.testing import reports, simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

SKLEARN = ml.ContainerImage.sklearn("1.2-1")
TRAIN = """
import os, pathlib

def model_fn(model_dir):
    return pathlib.Path(model_dir, "model.txt").read_text()

def input_fn(data, content_type):
    return (data.decode() if isinstance(data, bytes) else data).strip().splitlines()

def predict_fn(rows, model):
    return [f"{row},{model}" for row in rows]

def output_fn(rows, accept):
    return "\\n".join(rows)

if __name__ == "__main__":
    folder = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
    rows = "".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()).split()
    pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(f"{len(rows)} rows, first {rows[0]}")
"""


@pytest.fixture
def code(tmp_path: Path) -> ml.Code:
    path = tmp_path / "train.py"
    path.write_text(TRAIN)
    return ml.Code.from_asset(path)


def training(scope: Any, code: ml.Code, name: str = "Churn", **props: Any) -> ml.TrainingPipeline:
    return ml.TrainingPipeline(scope, name, image=SKLEARN, code=code, channels={"train": "s3://data/train/"}, **props)


def written(synth: Callable[..., Any], stack: Stack) -> dict[str, Any]:
    return definition(synth(stack))["States"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("jsonata", [False, True])
@pytest.mark.parametrize(
    ("bounds", "values", "said"),
    [
        ({"at_least": 0.9}, (0.9, 0.899), "loss must be at least 0.9, got 0.899"),
        ({"at_most": 0.2}, (0.2, 0.3), "loss must be at most 0.2, got 0.3"),
    ],
)
def test_a_gate_lets_good_models_pass(
    stack: Stack, code: ml.Code, bounds: dict[str, float], values: tuple[float, float], said: str, *, jsonata: bool
) -> None:
    """Another is not made, and the execution says why."""
    if jsonata:
        ml.JobDefaults(query_language=sfn.QueryLanguage.JSONATA).apply_to(stack)
    gate = ml.patterns.MetricGate("loss", **bounds)
    workflow = training(stack, code, metric_definitions={"loss": "loss=(.*)"}, gate=gate).workflow
    passed = simulate(workflow, {"Training": reports({"loss": values[0]})})
    assert passed.path == ("Training", "GoodEnough?", "Create Model", "Configure Endpoint", "Deploy")
    stopped = simulate(workflow, {"Training": reports({"loss": values[1]})})
    assert stopped.path == ("Training", "GoodEnough?", "NotGoodEnough")
    assert (stopped.error, stopped.cause) == ("NotGoodEnough", said)
    unknown = simulate(workflow, {"Training": reports({})})
    assert (unknown.path, unknown.error) == (("Training",), "States.QueryEvaluationError")


def test_the_bound_of_a_gate_may_be_what_an_execution_decides(stack: Stack, code: ml.Code) -> None:
    gate = ml.patterns.MetricGate("loss", at_most=ml.execution_input("most"))
    workflow = training(stack, code, metric_definitions={"loss": "loss=(.*)"}, gate=gate).workflow
    execution = simulate(workflow, {"Training": reports({"loss": 0.5})}, input={"most": 0.4})
    assert execution.cause == "loss must be at most 0.4, got 0.5"


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (ml.patterns.MetricGate("loss"), "gate must have at_least or at_most, got neither"),
        (ml.patterns.MetricGate("loss", at_least=1, at_most=2), "gate must have at_least or at_most, got both"),
        (ml.patterns.MetricGate("los", at_least=1), "'los' is in no metric_definitions; did you mean loss?"),
        (ml.patterns.MetricGate("loss", at_least="x"), "at_least must be"),
    ],
)
def test_a_gate_that_decides_nothing_is_refused(
    stack: Stack, code: ml.Code, gate: ml.patterns.MetricGate, said: str
) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        training(stack, code, metric_definitions={"loss": "loss=(.*)"}, gate=gate)
    assert said in str(error.value).replace("below must be", "at_least must be")


def test_a_training_pipeline_trains_and_serves(stack: Stack, synth: Callable[..., Any], code: ml.Code) -> None:
    """The states of the Data Science SDK's template, in its order and with its names."""
    training(stack, code, hyperparameters={"depth": 3})
    states = written(synth, stack)
    assert list(states) == ["Training", "Create Model", "Configure Endpoint", "Deploy"]
    assert [states[name].get("Next") for name in states] == [*list(states)[1:], None]
    assert states["Training"]["Parameters"]["HyperParameters"]["depth"] == "3"
    container = states["Create Model"]["Parameters"]["PrimaryContainer"]
    assert container["ModelDataUrl.$"] == "$.Training.ModelArtifacts.S3ModelArtifacts"
    assert container["Image"] == states["Training"]["Parameters"]["AlgorithmSpecification"]["TrainingImage"]
    (variant,) = states["Configure Endpoint"]["Parameters"]["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.xlarge", 1)


@pytest.mark.parametrize(("serving", "processor"), [(None, "cpu"), ("ml.g4dn.xlarge", "gpu"), ("ml.c5.large", "cpu")])
def test_what_serves_decides_between_images_for_cpus_and_gpus(
    stack: Stack, synth: Callable[..., Any], code: ml.Code, serving: str | None, processor: str
) -> None:
    """And an image that looks for its script in the model's archive is handed none."""
    more: dict[str, Any] = {} if serving is None else {"serving_instance_type": serving}
    image = ml.ContainerImage.pytorch("1.8.1", python="py3")
    ml.TrainingPipeline(stack, "Churn", image=image, code=code, channels={"train": "s3://churn-data/train/"}, **more)
    container = written(synth, stack)["Create Model"]["Parameters"]["PrimaryContainer"]
    assert f"-{processor}-" in str(container["Image"])
    assert "SAGEMAKER_SUBMIT_DIRECTORY" not in container.get("Environment", {})


def test_all_of_a_training_pipeline(stack: Stack, synth: Callable[..., Any], code: ml.Code) -> None:
    pipeline = training(
        stack,
        code,
        instance_type="ml.c5.xlarge",
        instance_count=2,
        metric_definitions={"loss": "loss=(.*)"},
        serving_image=ml.ContainerImage.from_registry("mine"),
        serving_code=None,
        endpoint_name="churn",
        serving_instance_type="ml.t2.medium",
        serving_instance_count=3,
        deployment=ml.hosting.Deployment.all_at_once(),
        deployment_timeout=Duration.minutes(20),
        workflow_timeout=Duration.hours(5),
    )
    states = written(synth, stack)
    resources = states["Training"]["Parameters"]["ResourceConfig"]
    assert (resources["InstanceType"], resources["InstanceCount"]) == ("ml.c5.xlarge", 2)
    assert states["Create Model"]["Parameters"]["PrimaryContainer"]["Image"] == "mine"
    (variant,) = states["Configure Endpoint"]["Parameters"]["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.t2.medium", 3)
    assert pipeline.deployed.endpoint_name == "churn"
    assert definition(synth(stack))["TimeoutSeconds"] == 18_000


def test_an_inference_pipeline_serves_both_models_as_one(
    stack: Stack, synth: Callable[..., Any], code: ml.Code
) -> None:
    ml.InferencePipeline(
        stack,
        "Abalone",
        preprocessor_image=SKLEARN,
        preprocessor_code=code,
        image=ml.ContainerImage.xgboost("1.7-1"),
        data="s3://data/raw/",
        hyperparameters={"num_round": 10},
    )
    states = written(synth, stack)
    assert list(states) == [
        "Train Preprocessor",
        "Create Preprocessor Model",
        "Transform Input",
        "Training",
        "Create Pipeline Model",
        "Configure Endpoint",
        "Deploy",
    ]
    transform = states["Transform Input"]["Parameters"]
    assert transform["TransformInput"]["SplitType"] == "Line"
    (channel,) = states["Training"]["Parameters"]["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri.$"] == transform["TransformOutput"]["S3OutputPath.$"]
    assert channel["ContentType"] == "text/csv"
    containers = states["Create Pipeline Model"]["Parameters"]["Containers"]
    assert [item["ModelDataUrl.$"] for item in containers] == [
        "$['Train Preprocessor'].ModelArtifacts.S3ModelArtifacts",
        "$.Training.ModelArtifacts.S3ModelArtifacts",
    ]


def test_subclasses_change_what_they_override(stack: Stack, synth: Callable[..., Any], code: ml.Code) -> None:
    """From outside, with public names only."""

    class Careful(ml.TrainingPipeline):
        def train(self) -> ml.TrainingJob:
            return ml.TrainingJob(
                self, "Training", image=self.image, code=self.props["code"], channels=self.channels, spot=True
            )

        def configure_endpoint(self, model: ml.CreateModel) -> ml.CreateEndpointConfig:
            variant = ml.hosting.Variant(
                model=model, serverless=ml.hosting.Serverless(memory=Size.mebibytes(2048), max_concurrency=5)
            )
            return ml.CreateEndpointConfig(self, "Configure", variants=[variant])

        def define(self, *states: sfn.IChainable) -> sfn.IChainable:
            return super().define(*states, sfn.Succeed(self, "Done"))

    Careful(stack, "Churn", image=SKLEARN, code=code, channels={"train": "s3://data/train/"})
    states = written(synth, stack)
    assert list(states) == ["Training", "Create Model", "Configure", "Deploy", "Done"]
    assert states["Training"]["Parameters"]["EnableManagedSpotTraining"] is True
    assert "ServerlessConfig" in states["Configure"]["Parameters"]["ProductionVariants"][0]


def test_two_pipelines_of_a_stack_do_not_meet(stack: Stack, synth: Callable[..., Any], code: ml.Code) -> None:
    one, other = training(stack, code), training(stack, code, "Fraud")
    machines = [definition(synth(stack), name)["States"] for name in ("ChurnWorkflow", "FraudWorkflow")]
    names = [states["Training"]["Parameters"]["TrainingJobName.$"] for states in machines]
    assert len(set(names)) == 2
    assert one.deployed.endpoint_name != other.deployed.endpoint_name


def test_only_what_has_no_resource_is_granted_on_all(stack: Stack, synth: Callable[..., Any], code: ml.Code) -> None:
    training(stack, code)
    wide = {
        action
        for found in statements(synth(stack))
        if "*" in found["Resource"]
        for action in found["Action"]
        if not action.startswith(("logs:", "xray:"))
    }
    assert wide == {"cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"}


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"endpoint": "x"}, "Census/Churn: endpoint is not a prop of TrainingPipeline; did you mean endpoint_name?"),
        ({"instance_count": -1}, "Census/Churn/Training: instance_count"),
    ],
)
def test_bad_input(stack: Stack, code: ml.Code, props: dict[str, Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as raised:
        training(stack, code, **props)
    assert said in str(raised.value)


@pytest.mark.local
def test_both_stacks_run(tmp_path: Path, code: ml.Code) -> None:
    """Trained and transformed on this machine; the endpoint is simulated."""
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    ml.patterns.TrainingPipelineStack(app, "Training", image=SKLEARN, code=code, channels={"train": "s3://data/raw/"})
    ml.patterns.InferencePipelineStack(
        app,
        "Inference",
        preprocessor_image=SKLEARN,
        preprocessor_code=code,
        image=SKLEARN,
        code=code,
        data="s3://data/raw/",
    )
    assembly = Path(app.synth().directory)
    with LocalAws(simulated_seconds=0.1) as aws:
        client = aws.client("s3")
        client.create_bucket(Bucket="data")
        client.put_object(Bucket="data", Key="raw/a.csv", Body=b"1\n2\n3\n")
        deployed = {name: aws.deploy(assembly, name) for name in ("Training", "Inference")}
        # The second execution updates the endpoint that the first one made.
        for name in ("Training", "Inference", "Training"):
            execution = deployed[name].start({}).wait(120)
            assert execution.status == "SUCCEEDED", execution.cause
            assert execution.output["Deploy"]["EndpointStatus"] == "InService"
