"""All props of each construct in one type, for subclasses that take and pass on what their base does.

Written by ``tools/write_props.py`` from the constructors; change a prop there. A subclass takes them as keywords::

    class OurTrainingJob(ml.TrainingJob):
        def __init__(self, scope: Construct, construct_id: str, **props: Unpack[ml.training.TrainingJobProps]) -> None:
            props.setdefault("network_isolation", True)
            super().__init__(scope, construct_id, **props)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from constructs_ml.core.polling_task import PollingProps
from constructs_ml.core.props import JobProps, ModelProps
from constructs_ml.tasks.automl.spec import AutoMLProps
from constructs_ml.tasks.hosting.deploy import DeployProps
from constructs_ml.tasks.hosting.endpoint import EndpointProps
from constructs_ml.tasks.hosting.endpoint_config import EndpointConfigProps
from constructs_ml.tasks.labeling.job import LabelingProps
from constructs_ml.tasks.metrics.read import ReadProps
from constructs_ml.tasks.pipelines import PipelineProps
from constructs_ml.tasks.registry.approval import UpdateProps
from constructs_ml.tasks.registry.register import RegisterProps
from constructs_ml.tasks.training.props import TrainingProps
from constructs_ml.tasks.transform.job import TransformProps
from constructs_ml.tasks.tuning.options import TuningProps
from constructs_ml.workflow.events.delivery import RuleProps
from constructs_ml.workflow.options import WorkflowOptions
from constructs_ml.workflow.patterns.inference_pipeline import InferencePipelineOptions
from constructs_ml.workflow.patterns.training_pipeline import TrainingPipelineOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration, Environment, RemovalPolicy, Size
    from aws_cdk import aws_sqs as sqs
    from aws_cdk import aws_stepfunctions as sfn
    from typing_extensions import Required

    from constructs_ml.core.cdk_types import AnyKey, AnyRole, AnyTarget
    from constructs_ml.core.code import Code
    from constructs_ml.core.enums import (
        ApprovalStatus,
        Compression,
        ExecutionMode,
        InputMode,
        OutputCompression,
        RetainedProperty,
    )
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.job_task import SyncJob
    from constructs_ml.core.model_data import ModelData
    from constructs_ml.core.requests import Whole
    from constructs_ml.core.s3_data import Place, S3Data
    from constructs_ml.sagemaker.kinds import JobKind
    from constructs_ml.tasks.automl.job import AutoMLChannel
    from constructs_ml.tasks.automl.problem import AutoMLProblem
    from constructs_ml.tasks.hosting.capture import AsyncInference, DataCapture
    from constructs_ml.tasks.hosting.container import ModelContainer
    from constructs_ml.tasks.hosting.deploy import DeployEndpoint
    from constructs_ml.tasks.hosting.deployment import Deployment
    from constructs_ml.tasks.hosting.endpoint import CreateEndpoint, UpdateEndpoint
    from constructs_ml.tasks.hosting.endpoint_config import CreateEndpointConfig
    from constructs_ml.tasks.hosting.explainer import ClarifyExplainer
    from constructs_ml.tasks.hosting.model import CreateModel
    from constructs_ml.tasks.hosting.variant import Variant
    from constructs_ml.tasks.labeling.task import LabelingTask
    from constructs_ml.tasks.metrics.read import MetricShape
    from constructs_ml.tasks.presets.model_monitor import ModelMonitorJob
    from constructs_ml.tasks.presets.spark_submit import App
    from constructs_ml.tasks.processing.data import Inputs, Outputs, ProcessingInput
    from constructs_ml.tasks.registry.group import ModelPackageGroup
    from constructs_ml.tasks.registry.inference import InferenceSpecification
    from constructs_ml.tasks.registry.register import RegisterModel
    from constructs_ml.tasks.registry.sources import DriftBaselines, ModelMetrics
    from constructs_ml.tasks.training.channel import Channels
    from constructs_ml.tasks.transform.job import NamedModel
    from constructs_ml.tasks.transform.options import AssembleWith, BatchStrategy, JoinSource, SplitType
    from constructs_ml.tasks.tuning.options import Objective, TuningStrategy
    from constructs_ml.tasks.tuning.ranges import Range
    from constructs_ml.tasks.tuning.training_definition import TrainingDefinition
    from constructs_ml.workflow.patterns.pipeline import Data


class AutoMLJobProps(AutoMLProps, total=False):
    """All props of a :class:`~constructs_ml.AutoMLJob`."""

    problem: Required[AutoMLProblem]
    """The problem that a model is to solve."""
    training: Required[S3Data | AutoMLChannel]
    """The data."""
    validation: S3Data | AutoMLChannel | None
    """The data that candidates are compared on. Default: a part of the training data."""
    validation_fraction: float | None
    """That part, between 0 and 1. Default: 0.2."""
    objective: str | None
    """The metric that is optimized, such as ``F1``. Default: by the problem."""
    output: S3Data | None
    """Where its results go, below its name. Default: a location unique to the execution."""
    endpoint_name: str | None
    """The endpoint that the best candidate is deployed to. Default: none."""
    auto_generate_endpoint_name: bool | None
    """Whether it is deployed to an endpoint that SageMaker names."""
    emr_serverless_role: AnyRole | None
    """The role of the EMR Serverless jobs that prepare large data. Default: SageMaker does it."""


class ClarifyJobProps(JobProps, total=False):
    """All props of a :class:`~constructs_ml.ClarifyJob`."""

    dataset: Required[S3Data | ProcessingInput]
    """The data that is analysed."""
    analysis: Required[Mapping[str, Any] | S3Data]
    """The analysis configuration, which becomes a file; or where such a file is, for what a run decides."""
    image: ContainerImage | None
    """The image that it runs in. Default: Clarify's."""
    inputs: Inputs | None
    """Further data, such as a facet dataset, by name."""
    output: S3Data | None
    """Where the result goes. Default: a place that only the running execution writes to."""


class CreateEndpointConfigProps(EndpointConfigProps, total=False):
    """All props of a :class:`~constructs_ml.CreateEndpointConfig`."""

    model: CreateModel | str | None
    """The model, on one instance; or else variants."""
    variants: Sequence[Variant]
    """The models that it serves, at most 10."""
    shadow_variants: Sequence[Variant]
    """The models that get a copy of the requests and whose responses are dropped, at most 10."""
    data_capture: DataCapture | None
    """Keeps requests and responses. Default: no."""
    async_inference: AsyncInference | None
    """Answers later, in S3. Default: it answers at once."""
    explainer: ClarifyExplainer | None
    """Explains answers. Default: no."""
    volume_key: AnyKey | None
    """The KMS key of the instances' volumes. Default: the nearest default's, else SageMaker's own. Serverless
    variants have no volumes."""
    enhanced_metrics: bool | None
    """Whether metrics are given for each instance and container. Default: no."""
    detailed_observability: bool | None
    """Whether more is recorded of the containers. Default: no."""
    metrics_interval: Duration | str | None
    """How often metrics are published. Default: SageMaker's choice."""
    endpoint_config_name: str | None
    """The configuration's name. Default: one that is new at every attempt."""


class CreateEndpointProps(EndpointProps, total=False):
    """All props of a :class:`~constructs_ml.CreateEndpoint`."""

    endpoint_config: Required[CreateEndpointConfig | str]
    """A ``CreateEndpointConfig`` state, or a configuration's name."""
    endpoint_name: str | None
    """The endpoint's name. Default: one that is new at every attempt."""
    deployment: Deployment | None
    """How later updates are rolled out, unless they say so themselves. Default: all at once."""


class CreateModelProps(ModelProps, total=False):
    """All props of a :class:`~constructs_ml.CreateModel`."""

    image: ContainerImage | None
    """The image that serves it."""
    data: Place | ModelData | None
    """Its artifacts, such as ``train.model_artifacts``. Default: the image has the model in it."""
    code: Code | None
    """The script for inference that a framework image runs. Default: what the image runs."""
    model_package: str | None
    """The name or ARN of a model package, instead of an image and artifacts."""
    containers: Sequence[ModelContainer]
    """The containers, at most 15, instead of all of the above: one where it takes more to say what it is, several
    for an inference pipeline."""
    execution_mode: ExecutionMode | str | None
    """``Serial`` to pass each request through all containers, ``Direct`` to let the caller choose one. Default:
    ``Serial``."""
    model_name: str | None
    """The model's name. Default: one that is new at every attempt."""


class DeployEndpointProps(DeployProps, total=False):
    """All props of a :class:`~constructs_ml.DeployEndpoint`."""

    endpoint_config: Required[CreateEndpointConfig | str]
    """A ``CreateEndpointConfig`` state, or a configuration's name."""
    endpoint_name: str | None
    """The endpoint's name. Default: built from the names of the stack and the state; always the same."""
    deployment: Deployment | None
    """How an update is rolled out, and what rolls it back. Default: all at once, without alarms."""
    retain_variant_properties: bool | None
    """Whether an update keeps the instance counts and weights that the variants have now. Default: they get those
    of the configuration."""
    exclude_retained_properties: Sequence[RetainedProperty | str]
    """The properties that are not kept."""
    timeout: Duration | None
    """How long to wait for it to be in service. Default: an hour, or a quarter of an hour more than the
    ``max_duration`` of the deployment."""


class EndpointStateChangeRuleProps(RuleProps, total=False):
    """All props of a :class:`~constructs_ml.EndpointStateChangeRule`."""

    endpoints: Sequence[str | CreateEndpoint | DeployEndpoint | UpdateEndpoint]
    """The endpoints: states that make or change them, or their names. Default: all of the account and region."""
    statuses: Sequence[str]
    """Such as ``InService`` or ``Failed``. Default: any."""


class InferencePipelineProps(InferencePipelineOptions, total=False):
    """All props of a :class:`~constructs_ml.InferencePipeline`."""

    preprocessor_image: Required[ContainerImage]
    """The image that trains the preprocessor, and serves it."""
    image: Required[ContainerImage]
    """The image that trains the model, and serves it."""
    data: Required[Data]
    """The training data of both: a place in S3 or its URI."""


class InferencePipelineStackProps(InferencePipelineOptions, total=False):
    """All props of a :class:`~constructs_ml.InferencePipelineStack`."""

    preprocessor_image: Required[ContainerImage]
    """The image that trains the preprocessor, and serves it."""
    image: Required[ContainerImage]
    """The image that trains the model, and serves it."""
    data: Required[Data]
    """The training data of both: a place in S3 or its URI."""
    env: Environment | None
    """The account and region. Default: those that it is deployed with."""
    description: str | None
    """A description of the stack."""


class JobStateChangeRuleProps(TypedDict, total=False):
    """All props of a :class:`~constructs_ml.JobStateChangeRule`."""

    jobs: Sequence[SyncJob]
    """The jobs, at whatever execution and attempt; AutoML jobs send no events."""
    kinds: Sequence[JobKind]
    """Kinds of jobs, all of the account and region, instead of ``jobs``."""
    statuses: Sequence[str]
    """Such as ``Failed``. Default: any."""
    targets: Sequence[AnyTarget]
    """Topics, queues, Lambda functions, state machines and log groups; or targets of aws_events_targets, which
    bring their own retry policy and dead-letter queue."""
    dead_letter_queue: sqs.IQueue | None
    """Gets the events that could not be delivered. Default: a new queue, kept for 14 days."""
    max_event_age: Duration | None
    """The time during which delivery is tried. Default: 24 hours."""
    retry_attempts: int
    """The number of attempts. Default: 185."""
    description: str | None
    """A description of the rule."""
    enabled: bool
    """Whether it is in force. Default: yes."""


class LabelingJobProps(LabelingProps, total=False):
    """All props of a :class:`~constructs_ml.LabelingJob`."""

    task: Required[LabelingTask]
    """The task that workers get."""
    label_attribute_name: Required[str]
    """The name of the label in the output manifest."""
    manifest: S3Data | None
    """The manifest of the objects. Default: an ``input_topic`` sends them."""
    label_categories: S3Data | None
    """The file with the categories. Default: the task has none."""
    output: S3Data | None
    """Where the labels go. Default: a location unique to the execution."""


class ModelApprovalGateProps(PollingProps, total=False):
    """All props of a :class:`~constructs_ml.ModelApprovalGate`."""

    package: Required[RegisterModel | str]
    """A ``RegisterModel`` state, or a package's ARN."""
    fails_on_rejection: bool
    """Whether a rejection fails the state. Default: yes."""
    timeout: Duration | None
    """How long to wait. Default: 7 days."""
    longest_wait: Duration | None
    """How long after the approval the state may go on. Default: 15 minutes."""
    group: ModelPackageGroup | str | None
    """The package's group, where its ARN is known only at run time: it says what the state machine may look at.
    Default: any package."""


class ModelMonitorJobProps(JobProps, total=False):
    """All props of a :class:`~constructs_ml.ModelMonitorJob`."""

    dataset: Required[S3Data | ProcessingInput]
    """The data."""
    dataset_format: Mapping[str, Any]
    """How it is written: ``{"csv": {"header": True}}``, ``{"json": {"lines": True}}``, ``{"parquet": {}}`` or
    ``{"sagemakerCaptureJson": {...}}``. Default: CSV with a header."""
    baseline: ModelMonitorJob | S3Data | None
    """The baseline of the data: an earlier job of this kind, or the place with its ``statistics.json`` and
    ``constraints.json``. Default: nothing, a baseline is made."""
    preprocessor: App | None
    """A Python file whose ``preprocess_handler`` changes each record."""
    postprocessor: App | None
    """A Python file whose ``postprocess_handler`` goes on with the result."""
    image: ContainerImage | None
    """The image that it runs in. Default: Model Monitor's."""
    output: S3Data | None
    """Where the result goes. Default: a place that only the running execution writes to."""


class ModelPackageGroupProps(TypedDict, total=False):
    """All props of a :class:`~constructs_ml.ModelPackageGroup`."""

    model_package_group_name: str | None
    """The name of the group, which CloudFormation needs. Default: built from the names of the stack and the
    group."""
    description: str | None
    """The purpose of its models, in words."""
    tags: Mapping[str, str] | None
    """Its tags, which its packages have too. Default: those of the nearest defaults."""
    removal_policy: RemovalPolicy
    """The fate of the group when it leaves the stack. Default: it is kept; a group with packages cannot be
    deleted."""
    name: str | None
    """Deprecated: ``model_package_group_name``."""


class ModelPackageStateChangeRuleProps(RuleProps, total=False):
    """All props of a :class:`~constructs_ml.ModelPackageStateChangeRule`."""

    groups: Sequence[str | ModelPackageGroup | RegisterModel]
    """The packages' groups: groups, states that register in one, or names. Default: all of the account and
    region."""
    approval_statuses: Sequence[str]
    """Such as ``Approved``. Default: any."""
    statuses: Sequence[str]
    """Such as ``Completed`` or ``Failed``. Default: any."""


class PipelineExecutionProps(PipelineProps, total=False):
    """All props of a :class:`~constructs_ml.PipelineExecution`."""

    pipeline: Required[str]
    """The pipeline's name or ARN."""
    parameters: Mapping[str, str | float] | None
    """The values of the pipeline's parameters, at most 200. Default: the pipeline's defaults."""
    display_name: str | None
    """The display name of the execution, 1-82 letters, digits and hyphens."""
    description: str | None
    """A description."""
    max_parallel_steps: int | str | None
    """The maximum number of its steps that run at the same time. Default: the pipeline's own limit."""
    selected_steps: Sequence[str] | None
    """The steps that run, for a selective execution. Default: all."""
    source_execution: str | None
    """The ARN of the execution that the other steps' results are taken from. Default: the latest."""
    pipeline_version: int | str | None
    """The version of the pipeline. Default: the latest."""
    mlflow_experiment: str | None
    """The MLflow experiment that the execution is recorded in."""
    client_request_token: str | None
    """32-128 characters that are the same for the same execution. Default: new at every attempt of the state,
    shared by the attempts of the call."""


class ProcessingJobProps(JobProps, total=False):
    """All props of a :class:`~constructs_ml.ProcessingJob`."""

    image: Required[ContainerImage]
    """The image that it runs in."""
    code: Code | None
    """The script that it runs. Default: what the image or the entry point runs."""
    entrypoint: Sequence[str] | Whole | None
    """The command of the container. Default: the code's script, run by the interpreter for its file extension."""
    arguments: Sequence[str] | Whole
    """The arguments, at most 100 of 256 characters. All of them may be known only at run time, and so may the
    environment and, as the lists that the API has, tags, inputs and outputs: ``execution_input("args")``."""
    inputs: Inputs | Whole | None
    """The data that it reads, by name, at most 10; found at ``/opt/ml/processing/input/<name>``."""
    outputs: Outputs | Whole
    """The outputs that it writes, by name, at most 10; taken from ``/opt/ml/processing/output/<name>``. Those that
    name no destination go to a place that only the running execution writes to."""


class PySparkJobProps(JobProps, total=False):
    """All props of a :class:`~constructs_ml.PySparkJob`."""

    app: Required[App]
    """The Python file that is submitted: a path of this machine or a place in S3."""
    image: ContainerImage | None
    """The image that it runs in. Default: SageMaker's Spark 3.5."""
    arguments: Sequence[str]
    """The arguments of the application, at most 100; the container takes none with blanks."""
    py_files: Sequence[App]
    """The code that its workers import: modules, zip files, or directories with packages, which are zipped."""
    jars: Sequence[App]
    """JAR files on the class path of driver and executors."""
    files: Sequence[App]
    """Files in the working directory of each executor."""
    configuration: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None
    """The configuration of Spark, Hadoop and Hive, one or several classifications as EMR has them."""
    event_logs: S3Data | None
    """Where event logs go while the job runs. Default: none."""
    reads: Sequence[S3Data]
    """The S3 data that the application reads by itself."""
    writes: Sequence[S3Data]
    """The S3 locations that it writes to by itself."""
    inputs: Inputs | None
    """The data that is downloaded for it, by name; see :class:`~constructs_ml.ProcessingJob`."""
    outputs: Outputs
    """The data that is uploaded after it, by name."""


class ReadMetricsProps(ReadProps, total=False):
    """All props of a :class:`~constructs_ml.ReadMetrics`."""

    source: Required[Place]
    """Where the object is: a job's output or another folder with ``file``, or the object itself."""
    shape: Required[MetricShape]
    """Its members by name: ``float``, ``int``, ``str``, ``bool``, or a mapping of such."""
    file: str | None
    """The object's name in the folder. Default: the source is the object."""


class RegisterModelProps(RegisterProps, total=False):
    """All props of a :class:`~constructs_ml.RegisterModel`."""

    group: ModelPackageGroup | str | None
    """The group that it becomes a version of; or else a name for a package without versions."""
    package_name: str | None
    """The name of a package without versions."""
    image: ContainerImage | None
    """The image that serves it."""
    data: S3Data | ModelData | None
    """Its artifacts, such as ``train.model_artifacts``."""
    inference: InferenceSpecification | None
    """The containers that serve it, if an image and artifacts are not enough."""
    content_types: Sequence[str]
    """The MIME types that it takes."""
    response_types: Sequence[str]
    """The MIME types that it gives."""
    realtime_instances: Sequence[str]
    """The instance types that endpoints may run it on. Default: any."""
    transform_instances: Sequence[str]
    """The instance types that transform jobs may run it on. Default: any."""
    approval_status: ApprovalStatus | str | None
    """``PendingManualApproval``, ``Approved`` or ``Rejected``; None to leave it to SageMaker. Default:
    ``'PendingManualApproval'``."""
    description: str | None
    """A description, at most 1,024 characters."""
    metrics: ModelMetrics | None
    """Its metrics."""
    drift_baselines: DriftBaselines | None
    """The baselines that monitoring compares it with."""
    customer_metadata: Mapping[str, str] | None
    """Further metadata, at most 50 entries."""


class SparkJarJobProps(JobProps, total=False):
    """All props of a :class:`~constructs_ml.SparkJarJob`."""

    app: Required[App]
    """The JAR file that is submitted: a path of this machine or a place in S3."""
    main_class: Required[str]
    """The class with the application's ``main``, with its package."""
    image: ContainerImage | None
    """The image that it runs in. Default: SageMaker's Spark 3.5."""
    arguments: Sequence[str]
    """The arguments of the application, at most 100; the container takes none with blanks."""
    jars: Sequence[App]
    """Further JAR files on the class path of driver and executors."""
    files: Sequence[App]
    """Files in the working directory of each executor."""
    configuration: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None
    """The configuration of Spark, Hadoop and Hive, one or several classifications as EMR has them."""
    event_logs: S3Data | None
    """Where event logs go while the job runs. Default: none."""
    reads: Sequence[S3Data]
    """The S3 data that the application reads by itself."""
    writes: Sequence[S3Data]
    """The S3 locations that it writes to by itself."""
    inputs: Inputs | None
    """The data that is downloaded for it, by name; see :class:`~constructs_ml.ProcessingJob`."""
    outputs: Outputs
    """The data that is uploaded after it, by name."""


class TrainingJobProps(TrainingProps, total=False):
    """All props of a :class:`~constructs_ml.TrainingJob`."""

    image: ContainerImage | None
    """The image that it runs in; or else an algorithm."""
    algorithm: str | None
    """The name or ARN of an algorithm resource, instead of an image."""
    code: Code | None
    """The script that a framework image runs (script mode). Default: what the image runs."""
    entrypoint: Sequence[str] | Whole | None
    """The command that replaces the image's own entry point."""
    arguments: Sequence[str] | Whole
    """The arguments of the entry point."""
    channels: Channels | Whole | None
    """The data that it reads, by name; found at ``/opt/ml/input/data/<name>``."""
    input_mode: InputMode | str
    """How the channels reach the container. Default: ``InputMode.FILE``."""
    hyperparameters: Mapping[str, Any] | Whole | None
    """The script gets each as ``--<name> <value>``, at most 100. With ``code`` a value arrives as what it is here,
    also as ``SM_HP_<NAME>``: a string stays a string, and lists and mappings are JSON in ``SM_HPS``. Other images
    get strings as they are written. All of them may be known only at run time: ``sfn.JsonPath.object_at("$.hp")``,
    ``execution_input("hp")`` or ``"{% $states.input.hp %}"``, and so may the environment, the arguments, and, as
    the lists that the API has, tags, metrics and channels."""
    metric_definitions: Mapping[str, str] | Whole | None
    """Regular expressions that find metrics in the log, by the metric's name, at most 40."""
    time_series_metrics: bool | None
    """Whether metrics are shown over time. Default: SageMaker decides."""
    output: Place | None
    """Where ``<job name>/output/model.tar.gz`` goes. Default: a location unique to the execution."""
    output_compression: OutputCompression | str | None
    """``GZIP`` or ``NONE``. Default: ``GZIP``."""
    spot: bool | None
    """Whether it runs on spot instances, and goes on from its checkpoint after an interruption."""
    max_wait: Duration | str | None
    """The maximum time for waiting for spot instances and running. Default: twice ``max_runtime``."""
    checkpoint: Place | None
    """Where checkpoints are kept. Default: with spot, a location unique to the execution; else none."""
    checkpoint_path: str | None
    """Where the container keeps them. Default: ``/opt/ml/checkpoints``."""
    retry_attempts: int | str | None
    """The number of times that SageMaker itself restarts the job after an internal error, at most 30."""


class TrainingPipelineProps(TrainingPipelineOptions, total=False):
    """All props of a :class:`~constructs_ml.TrainingPipeline`."""

    image: Required[ContainerImage]
    """The image that trains."""
    channels: Required[Mapping[str, Data]]
    """The training data, by name: places in S3 or their URIs."""


class TrainingPipelineStackProps(TrainingPipelineOptions, total=False):
    """All props of a :class:`~constructs_ml.TrainingPipelineStack`."""

    image: Required[ContainerImage]
    """The image that trains."""
    channels: Required[Mapping[str, Data]]
    """The training data, by name: places in S3 or their URIs."""
    env: Environment | None
    """The account and region. Default: those that it is deployed with."""
    description: str | None
    """A description of the stack."""


class TransformJobProps(TransformProps, total=False):
    """All props of a :class:`~constructs_ml.TransformJob`."""

    model: Required[str | NamedModel]
    """The name of the model, the result of a state before, or an object with its ``model_name``."""
    data: Required[Place]
    """The data to transform."""
    content_type: str | None
    """The MIME type of the data. Default: the model gets none."""
    compression: Compression | str | None
    """How the data is compressed. Default: not at all."""
    split_type: SplitType | str | None
    """The part of an object that is one record. Default: all of it."""
    output: Place | None
    """Where the results go. Default: a location unique to the execution."""
    accept: str | None
    """The MIME type of the results. Default: the model's choice."""
    assemble_with: AssembleWith | str | None
    """The separator between the results of two records. Default: nothing."""
    batch_strategy: BatchStrategy | str | None
    """How many records are in one request. Default: SageMaker's choice."""
    max_concurrent_transforms: int | str | None
    """The maximum number of concurrent requests for each instance. Default: the container's choice, or one."""
    max_payload: Size | str | None
    """The greatest request, at most 100 MiB. Default: 6 MiB."""
    input_filter: str | None
    """A JSONPath to the part of a record that the model gets. Default: all of it."""
    output_filter: str | None
    """A JSONPath to the part of a result that is kept. Default: all of it."""
    join_source: JoinSource | str | None
    """The source that each result is joined with. Default: nothing."""
    model_role: AnyRole | None
    """The role of the model, which is granted to read the data and write the results. Default: the one that the
    stack's jobs share, which the models of this library run under too."""


class TuningJobProps(TuningProps, total=False):
    """All props of a :class:`~constructs_ml.TuningJob`."""

    training: Required[TrainingDefinition | Sequence[TrainingDefinition]]
    """The definition of its trials; or several such definitions, at most 10, that are tuned side by side."""
    objective: Objective | None
    """The metric that is optimized. Default: each definition has its own."""
    ranges: Mapping[str, Range] | None
    """The ranges to search, by hyperparameter. Default: each definition has its own."""
    strategy: TuningStrategy | str
    """How the next values are chosen. Default: ``TuningStrategy.BAYESIAN``."""
    max_jobs: int | str | None
    """The maximum number of training jobs. Default: 10; with a grid as many as it has points, and with Autotune or
    ``max_tuning_time`` SageMaker decides."""
    max_parallel_jobs: int | str
    """The maximum number that run at the same time. Default: ``1``."""


class UpdateEndpointProps(EndpointProps, total=False):
    """All props of a :class:`~constructs_ml.UpdateEndpoint`."""

    endpoint_name: Required[str]
    """The endpoint's name."""
    endpoint_config: Required[CreateEndpointConfig | str]
    """A ``CreateEndpointConfig`` state, or a configuration's name."""
    deployment: Deployment | None
    """How the update is rolled out. Default: all at once."""
    retain_variant_properties: bool | None
    """Whether the variants keep the instance counts and weights that they have now. Default: they get those of the
    configuration."""
    exclude_retained_properties: Sequence[RetainedProperty | str]
    """The properties that are not kept: ``DesiredInstanceCount``, ``DesiredWeight`` or ``DataCaptureConfig``."""
    retain_deployment: bool | None
    """Whether it is rolled out like the last one. Default: no."""


class UpdateModelApprovalProps(UpdateProps, total=False):
    """All props of a :class:`~constructs_ml.UpdateModelApproval`."""

    package: Required[RegisterModel | str]
    """A ``RegisterModel`` state, or a package's ARN."""
    approval_status: ApprovalStatus | str | None
    """``Approved``, ``Rejected`` or ``PendingManualApproval``. Default: as it was."""
    approval_description: str | None
    """The reason, at most 1,024 characters."""
    group: ModelPackageGroup | str | None
    """The package's group, where its ARN is known only at run time: it says what the state machine may change.
    Default: any package."""


class WorkflowProps(WorkflowOptions, total=False):
    """All props of a :class:`~constructs_ml.Workflow`."""

    definition: Required[sfn.IChainable]
    """Its first state, with what follows."""
