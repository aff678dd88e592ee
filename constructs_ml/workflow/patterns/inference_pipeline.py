"""A pipeline that trains a preprocessor and a model, and serves both as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Environment, Stack

from constructs_ml.core.prop_checks import check_construct
from constructs_ml.tasks.hosting.container import ModelContainer
from constructs_ml.tasks.hosting.model import CreateModel
from constructs_ml.tasks.training.job import TrainingJob
from constructs_ml.tasks.transform.job import TransformJob
from constructs_ml.tasks.transform.options import AssembleWith, SplitType
from constructs_ml.workflow.patterns.pipeline import Data, ServingPipeline, ServingProps, located, outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.code import Code
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.requests import Whole

CHANNEL = "train"


class InferencePipelineOptions(ServingProps, total=False):
    """Props of an inference pipeline in addition to its images and its data."""

    preprocessor_code: Code
    """The script that trains the preprocessor, and that transforms with it. Default: what the image runs."""
    preprocessor_hyperparameters: Mapping[str, str | float] | Whole
    """The hyperparameters of the preprocessor, at most 100."""
    code: Code
    """The script that trains the model, and that predicts with it. Default: what the image runs."""
    hyperparameters: Mapping[str, str | float] | Whole
    """The hyperparameters of the model, at most 100."""
    content_type: str
    """The MIME type of the data. Default: ``text/csv``."""
    instance_type: str
    """The instance type of the jobs. Default: the nearest default's, else ``ml.m5.xlarge``."""
    instance_count: int
    """The number of each job's instances. Default: 1."""


@check_construct
class InferencePipeline(ServingPipeline):
    """Defines a workflow that trains a preprocessor and a model, and makes an endpoint serve both, one after the other.

    ::

        pipeline = ml.InferencePipeline(
            self, "Abalone",
            preprocessor_image=ml.ContainerImage.sklearn("1.2-1"),
            preprocessor_code=ml.Code.from_asset("src/features"),
            image=ml.ContainerImage.xgboost("1.7-1"),
            data=ml.S3Data.from_bucket(bucket, "raw/"),
            hyperparameters={"objective": "reg:squarederror", "num_round": 100},
        )

    The preprocessor is trained with the data and then transforms it; the model is trained with the result, in its channel
    ``train``. Its states are ``Train Preprocessor``, ``Create Preprocessor Model``, ``Transform Input``, ``Training``,
    ``Create Pipeline Model``, ``Configure Endpoint`` and ``Deploy``, as in the template of the Step Functions Data Science
    SDK; what is different from it is what is different in :class:`~constructs_ml.TrainingPipeline`.

    Subclasses override :meth:`train_preprocessor`, :meth:`create_preprocessor`, :meth:`transform`, :meth:`train`,
    :meth:`create_model`, :meth:`configure_endpoint`, :meth:`deploy` and :meth:`define`; each is called once, in this
    order, while the pipeline is made.

    Attributes:
        preprocessor_training: The training job of the preprocessor.
        preprocessor: The state that creates the preprocessor's model.
        transformed: The job that transforms the data.
        training: The training job of the model.
        model: The state that creates the model of both.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        preprocessor_image: ContainerImage,
        image: ContainerImage,
        data: Data,
        **props: Unpack[InferencePipelineOptions],
    ) -> None:
        """Define the pipeline.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            preprocessor_image: The image that trains the preprocessor, and serves it.
            image: The image that trains the model, and serves it.
            data: The training data of both: a place in S3 or its URI.
            props: More of the training, and how the model is served.

        Raises:
            InvalidPropsError: If anything is wrong.
        """
        super().__init__(scope, construct_id)
        self.preprocessor_image, self.image, self.data, self.props = preprocessor_image, image, located(data), props
        self._serving = props
        self.preprocessor_training = self.train_preprocessor()
        self.preprocessor = self.create_preprocessor(self.preprocessor_training)
        self.transformed = self.transform(self.preprocessor)
        self.training = self.train(self.transformed)
        self.model = self.create_model(self.preprocessor_training, self.training)
        self._serve(self.model, self.preprocessor_training, self.preprocessor, self.transformed, self.training)

    def train_preprocessor(self) -> TrainingJob:
        """Train the preprocessor; a seam."""
        return TrainingJob(
            self,
            "TrainPreprocessor",
            state_name="Train Preprocessor",
            image=self.preprocessor_image,
            code=self.props.get("preprocessor_code"),
            channels={CHANNEL: self.data},
            hyperparameters=self.props.get("preprocessor_hyperparameters"),
            instance_type=self.props.get("instance_type"),  # type: ignore[arg-type] # None is as good as left out
            instance_count=self.props.get("instance_count"),  # type: ignore[arg-type] # likewise
        )

    def create_preprocessor(self, training: TrainingJob) -> CreateModel:
        """Make a model of the preprocessor; a seam.

        Args:
            training: The training job of the preprocessor.
        """
        return CreateModel(
            self,
            "CreatePreprocessorModel",
            state_name="Create Preprocessor Model",
            image=self.preprocessor_image,
            data=training.model_artifacts,
            code=self.props.get("preprocessor_code"),
        )

    def transform(self, preprocessor: CreateModel) -> TransformJob:
        """Transform the data; a seam.

        Args:
            preprocessor: The state that creates the preprocessor's model.
        """
        content_type = self.props.get("content_type", "text/csv")
        return TransformJob(
            self,
            "TransformInput",
            state_name="Transform Input",
            model=preprocessor,
            data=self.data,
            content_type=content_type,
            accept=content_type,
            split_type=SplitType.LINE,
            assemble_with=AssembleWith.LINE,
            instance_type=self.props.get("instance_type"),  # type: ignore[arg-type] # None is as good as left out
            instance_count=self.props.get("instance_count"),  # type: ignore[arg-type] # likewise
        )

    def train(self, transformed: TransformJob) -> TrainingJob:
        """Train the model with the transformed data; a seam.

        Args:
            transformed: The job that transforms the data.
        """
        from constructs_ml.tasks.training.channel import TrainingChannel

        channel = TrainingChannel(
            source=transformed.output_location, content_type=self.props.get("content_type", "text/csv")
        )
        return TrainingJob(
            self,
            "Training",
            image=self.image,
            code=self.props.get("code"),
            channels={CHANNEL: channel},
            hyperparameters=self.props.get("hyperparameters"),
            instance_type=self.props.get("instance_type"),  # type: ignore[arg-type] # None is as good as left out
            instance_count=self.props.get("instance_count"),  # type: ignore[arg-type] # likewise
        )

    def create_model(self, preprocessor: TrainingJob, training: TrainingJob) -> CreateModel:
        """Make one model of preprocessor and model; a seam.

        Args:
            preprocessor: The training job of the preprocessor.
            training: The training job of the model.
        """
        containers = [
            ModelContainer(
                image=self.preprocessor_image,
                data=preprocessor.model_artifacts,
                code=self.props.get("preprocessor_code"),
            ),
            ModelContainer(image=self.image, data=training.model_artifacts, code=self.props.get("code")),
        ]
        return CreateModel(self, "CreatePipelineModel", state_name="Create Pipeline Model", containers=containers)


@check_construct
class InferencePipelineStack(Stack):
    """Defines a stack that holds an :class:`InferencePipeline`, ready to be deployed.

    ::

        ml.patterns.InferencePipelineStack(
            app, "Abalone",
            preprocessor_image=ml.ContainerImage.sklearn("1.2-1"),
            preprocessor_code=ml.Code.from_asset("src/features"),
            image=ml.ContainerImage.xgboost("1.7-1"),
            data="s3://abalone-data/raw/",
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
        preprocessor_image: ContainerImage,
        image: ContainerImage,
        data: Data,
        env: Environment | None = None,
        description: str | None = None,
        **props: Unpack[InferencePipelineOptions],
    ) -> None:
        """Define the stack.

        Args:
            scope: The app or stage.
            construct_id: Its id.
            preprocessor_image: The image that trains the preprocessor, and serves it.
            image: The image that trains the model, and serves it.
            data: The training data of both: a place in S3 or its URI.
            env: The account and region. Default: those that it is deployed with.
            description: A description of the stack.
            props: Further props of the pipeline.
        """
        super().__init__(scope, construct_id, env=env, description=description)
        self.pipeline = InferencePipeline(
            self, "Pipeline", preprocessor_image=preprocessor_image, image=image, data=data, **props
        )
        outputs(self, self.pipeline)
