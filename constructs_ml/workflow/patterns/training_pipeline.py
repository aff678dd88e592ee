"""A pipeline that trains a model and serves it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aws_cdk import Environment, Stack

from constructs_ml.core.image import FrameworkImage
from constructs_ml.core.job_spec import DEFAULT_INSTANCE_TYPE
from constructs_ml.core.prop_checks import check_construct
from constructs_ml.tasks.hosting.container import LOADS_CODE_FROM_S3
from constructs_ml.tasks.hosting.model import CreateModel
from constructs_ml.tasks.training.job import TrainingJob
from constructs_ml.workflow.patterns.pipeline import Data, ServingPipeline, ServingProps, located_all, outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.code import Code
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.requests import Whole
    from constructs_ml.workflow.patterns.metric_gate import MetricGate


class TrainingPipelineOptions(ServingProps, total=False):
    """Props of a training pipeline in addition to its image and its data."""

    code: Code
    """The script that a framework image trains with. Default: what the image runs."""
    hyperparameters: Mapping[str, Any] | Whole
    """The hyperparameters of the training, at most 100."""
    metric_definitions: Mapping[str, str] | Whole
    """Regular expressions that find metrics in the log, by the metric's name."""
    gate: MetricGate
    """The metric of the training that decides whether the model is served. Default: every model is."""
    instance_type: str
    """The instance type of the training. Default: the nearest default's, else ``ml.m5.xlarge``."""
    instance_count: int
    """The number of instances of the training. Default: 1."""
    serving_image: ContainerImage
    """The image that serves the model. Default: the same framework and version, for inference."""
    serving_code: Code
    """The script for inference that a framework image runs. Default: ``code``, for images that fetch it from S3; others, as
    PyTorch's, look for ``code/inference.py`` in the model's archive."""


@check_construct
class TrainingPipeline(ServingPipeline):
    """Defines a workflow that trains a model, and makes an endpoint serve it once it is trained.

    ::

        pipeline = ml.TrainingPipeline(
            self, "Churn",
            image=ml.ContainerImage.sklearn("1.2-1"),
            code=ml.Code.from_asset("src"),
            channels={"train": ml.S3Data.from_bucket(bucket, "train/")},
            hyperparameters={"max_depth": 6},
        )
        pipeline.workflow.grant_start_execution(scheduler)

    Its states are ``Training``, ``Create Model``, ``Configure Endpoint`` and ``Deploy``, as in the template of the Step
    Functions Data Science SDK. Unlike there, the endpoint keeps its name and is updated by later executions, the last
    state waits until it is in service and fails if the update was rolled back, and it runs on one ``ml.m5.xlarge``, not
    on what the training ran on.

    With a ``gate`` the state ``GoodEnough?`` follows the training: a model whose metric misses the bound is not served, and the
    execution fails with ``NotGoodEnough``, whose cause has the metric, its value and the bound:
    ``gate=ml.patterns.MetricGate("test:accuracy", at_least=0.9)``.

    Subclasses override :meth:`train`, :meth:`create_model`, :meth:`configure_endpoint`, :meth:`deploy` and
    :meth:`define`; each is called once, in this order, while the pipeline is made.

    Attributes:
        training: The training job.
        model: The state that creates the model.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage,
        channels: Mapping[str, Data],
        **props: Unpack[TrainingPipelineOptions],
    ) -> None:
        """Define the pipeline.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            image: The image that trains.
            channels: The training data, by name: places in S3 or their URIs.
            props: More of the training, and how the model is served.

        Raises:
            InvalidPropsError: If anything is wrong.
        """
        super().__init__(scope, construct_id)
        self.image, self.channels, self.props = image, located_all(channels), props
        self._serving = props
        self.training = self.train()
        self.model = self.create_model(self.training)
        gate = props.get("gate")
        gated = [] if gate is None else [gate.after(self, self.training.metric(gate.metric))]
        self._serve(self.model, self.training, *gated)

    def train(self) -> TrainingJob:
        """Train the model; a seam: return a job with other settings."""
        props = self.props
        return TrainingJob(
            self,
            "Training",
            image=self.image,
            code=props.get("code"),
            channels=self.channels,
            hyperparameters=props.get("hyperparameters"),
            metric_definitions=props.get("metric_definitions"),
            instance_type=props.get("instance_type"),  # type: ignore[arg-type] # None is as good as left out
            instance_count=props.get("instance_count"),  # type: ignore[arg-type] # likewise
        )

    def create_model(self, training: TrainingJob) -> CreateModel:
        """Make a model of the trained artifacts; a seam: return a model with other containers.

        Args:
            training: The training job.
        """
        image = self.props.get("serving_image", self.image)
        takes_code = not isinstance(image, FrameworkImage) or image.name in LOADS_CODE_FROM_S3
        code = self.props.get("serving_code", self.props.get("code") if takes_code else None)
        if isinstance(image, FrameworkImage):
            # A model says nothing of instances, but the endpoint does: they pick between images for CPUs and GPUs.
            instance_type = self.props.get("serving_instance_type") or DEFAULT_INSTANCE_TYPE
            image = replace(image, instance_type=instance_type)
        return CreateModel(
            self, "CreateModel", state_name="Create Model", image=image, data=training.model_artifacts, code=code
        )


@check_construct
class TrainingPipelineStack(Stack):
    """Defines a stack that holds a :class:`TrainingPipeline`, ready to be deployed.

    ::

        ml.patterns.TrainingPipelineStack(
            app, "Churn",
            image=ml.ContainerImage.sklearn("1.2-1"),
            code=ml.Code.from_asset("src"),
            channels={"train": "s3://churn-data/train/"},
        )

    Its outputs are ``StateMachineArn`` and ``EndpointName``.

    Attributes:
        pipeline: The pipeline.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage,
        channels: Mapping[str, Data],
        env: Environment | None = None,
        description: str | None = None,
        **props: Unpack[TrainingPipelineOptions],
    ) -> None:
        """Define the stack.

        Args:
            scope: The app or stage.
            construct_id: Its id.
            image: The image that trains.
            channels: The training data, by name: places in S3 or their URIs.
            env: The account and region. Default: those that it is deployed with.
            description: A description of the stack.
            props: Further props of the pipeline.
        """
        super().__init__(scope, construct_id, env=env, description=description)
        self.pipeline = self.make_pipeline(image=image, channels=channels, props=props)
        outputs(self, self.pipeline)

    def make_pipeline(
        self, *, image: ContainerImage, channels: Mapping[str, Data], props: TrainingPipelineOptions
    ) -> TrainingPipeline:
        """The pipeline; a seam: return one of a subclass.

        Args:
            image: The image that trains.
            channels: The training data.
            props: Further props of the pipeline.
        """
        return TrainingPipeline(self, "Pipeline", image=image, channels=channels, **props)
