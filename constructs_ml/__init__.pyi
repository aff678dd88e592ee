# The names of the package, for type checkers; at run time they are imported when they are first used.
from constructs_ml.asl.retry import Retrier, RetryPolicy
from constructs_ml.core.code import Code
from constructs_ml.core.defaults import JobDefaults
from constructs_ml.core.enums import Compression, Distribution, InputMode, UploadMode
from constructs_ml.core.image import ContainerImage
from constructs_ml.core.model_data import ModelData
from constructs_ml.core.props import Experiment, InstancePreference, JobProps
from constructs_ml.core.result import Result
from constructs_ml.core.s3_data import S3Data, S3DataType
from constructs_ml.core.suppressions import acknowledge
from constructs_ml.core.values import execution_input
from constructs_ml.errors import (
    ConstructsMLError,
    Fault,
    InvalidPropsError,
    LocalRunError,
    MissingRequirementError,
    Severity,
    Violation,
)
from constructs_ml.lint.cdk.plugin import SageMakerSecurityChecks, WorkflowChecks
from constructs_ml.lint.checking import check_definition, check_template
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.tasks.automl.job import AutoMLChannel, AutoMLJob
from constructs_ml.tasks.automl.problem import AutoMLLimits, AutoMLProblem
from constructs_ml.tasks.hosting.capture import AsyncInference, DataCapture
from constructs_ml.tasks.hosting.container import ModelContainer
from constructs_ml.tasks.hosting.deploy import DeployEndpoint
from constructs_ml.tasks.hosting.deployment import Capacity, Deployment
from constructs_ml.tasks.hosting.endpoint import CreateEndpoint, UpdateEndpoint
from constructs_ml.tasks.hosting.endpoint_config import CreateEndpointConfig
from constructs_ml.tasks.hosting.explainer import ClarifyExplainer
from constructs_ml.tasks.hosting.model import CreateModel
from constructs_ml.tasks.hosting.scaling import InstancePool, ManagedScaling, Routing, Serverless
from constructs_ml.tasks.hosting.variant import Variant
from constructs_ml.tasks.labeling.job import LabelingJob, LabelingProps
from constructs_ml.tasks.labeling.task import AutomatedLabeling, LabelingTask, TaskPrice
from constructs_ml.tasks.pipelines import PipelineExecution
from constructs_ml.tasks.presets.clarify import ClarifyJob
from constructs_ml.tasks.presets.model_monitor import ModelMonitorJob
from constructs_ml.tasks.presets.spark import PySparkJob, SparkJarJob
from constructs_ml.tasks.processing.data import ProcessingInput, ProcessingOutput
from constructs_ml.tasks.processing.datasets import AthenaDataset, RedshiftDataset
from constructs_ml.tasks.processing.job import ProcessingJob
from constructs_ml.tasks.registry.approval import UpdateModelApproval
from constructs_ml.tasks.registry.gate import ModelApprovalGate
from constructs_ml.tasks.registry.group import ModelPackageGroup
from constructs_ml.tasks.registry.inference import InferenceSpecification, PackageContainer
from constructs_ml.tasks.registry.register import RegisterModel
from constructs_ml.tasks.registry.sources import DriftBaselines, MetricsFile, ModelMetrics
from constructs_ml.tasks.registry.validation import LifeCycle, ModelCard, PackageValidation, Provenance, SourceAlgorithm
from constructs_ml.tasks.training.channel import TrainingChannel
from constructs_ml.tasks.training.debugging import DebuggerRule, DebugHook, Profiler, TensorBoard, TensorCollection
from constructs_ml.tasks.training.file_systems import FileSystem, FileSystemType, HubDataset
from constructs_ml.tasks.training.job import TrainingJob
from constructs_ml.tasks.training.props import TrainingProps
from constructs_ml.tasks.training.resources import InstanceGroup, UltraServerPlacement
from constructs_ml.tasks.training.services import (
    MlflowTracking,
    ModelPackageOutput,
    PrivateRegistry,
    RegistryAccess,
    ServerlessJobType,
    ServerlessTraining,
)
from constructs_ml.tasks.transform.job import TransformJob, TransformProps
from constructs_ml.tasks.transform.options import AssembleWith, BatchDataCapture, BatchStrategy, JoinSource, SplitType
from constructs_ml.tasks.tuning.job import TuningJob
from constructs_ml.tasks.tuning.options import (
    Hyperband,
    Objective,
    TrialInstances,
    TuningProps,
    TuningStrategy,
    WarmStart,
    WarmStartType,
)
from constructs_ml.tasks.tuning.ranges import AutoRange, CategoricalRange, ContinuousRange, IntegerRange, Scaling
from constructs_ml.tasks.tuning.training_definition import TrainingDefinition
from constructs_ml.workflow.events.resource_rules import EndpointStateChangeRule, ModelPackageStateChangeRule
from constructs_ml.workflow.events.rule import JobStateChangeRule
from constructs_ml.workflow.map import DistributedMap, Map
from constructs_ml.workflow.patterns.inference_pipeline import InferencePipeline, InferencePipelineStack
from constructs_ml.workflow.patterns.training_pipeline import TrainingPipeline, TrainingPipelineStack
from constructs_ml.workflow.workflow import Workflow

__all__ = [
    "AssembleWith",
    "AsyncInference",
    "AthenaDataset",
    "AutoMLChannel",
    "AutoMLJob",
    "AutoMLLimits",
    "AutoMLProblem",
    "AutoRange",
    "AutomatedLabeling",
    "BatchDataCapture",
    "BatchStrategy",
    "Capacity",
    "CategoricalRange",
    "ClarifyExplainer",
    "ClarifyJob",
    "Code",
    "Compression",
    "ConstructsMLError",
    "ContainerImage",
    "ContinuousRange",
    "CreateEndpoint",
    "CreateEndpointConfig",
    "CreateModel",
    "DataCapture",
    "DebugHook",
    "DebuggerRule",
    "DeployEndpoint",
    "Deployment",
    "DistributedMap",
    "Distribution",
    "DriftBaselines",
    "EndpointStateChangeRule",
    "Experiment",
    "Fault",
    "FileSystem",
    "FileSystemType",
    "HubDataset",
    "Hyperband",
    "InferencePipeline",
    "InferencePipelineStack",
    "InferenceSpecification",
    "InputMode",
    "InstanceGroup",
    "InstancePool",
    "InstancePreference",
    "IntegerRange",
    "InvalidPropsError",
    "JobDefaults",
    "JobKind",
    "JobProps",
    "JobStateChangeRule",
    "JoinSource",
    "LabelingJob",
    "LabelingProps",
    "LabelingTask",
    "LifeCycle",
    "LocalRunError",
    "ManagedScaling",
    "Map",
    "MetricsFile",
    "MissingRequirementError",
    "MlflowTracking",
    "ModelApprovalGate",
    "ModelCard",
    "ModelContainer",
    "ModelData",
    "ModelMetrics",
    "ModelMonitorJob",
    "ModelPackageGroup",
    "ModelPackageOutput",
    "ModelPackageStateChangeRule",
    "Objective",
    "PackageContainer",
    "PackageValidation",
    "PipelineExecution",
    "PrivateRegistry",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingOutput",
    "Profiler",
    "Provenance",
    "PySparkJob",
    "RedshiftDataset",
    "RegisterModel",
    "RegistryAccess",
    "Result",
    "Retrier",
    "RetryPolicy",
    "Routing",
    "S3Data",
    "S3DataType",
    "SageMakerSecurityChecks",
    "Scaling",
    "Serverless",
    "ServerlessJobType",
    "ServerlessTraining",
    "Severity",
    "SourceAlgorithm",
    "SparkJarJob",
    "SplitType",
    "TaskPrice",
    "TensorBoard",
    "TensorCollection",
    "TrainingChannel",
    "TrainingDefinition",
    "TrainingJob",
    "TrainingPipeline",
    "TrainingPipelineStack",
    "TrainingProps",
    "TransformJob",
    "TransformProps",
    "TrialInstances",
    "TuningJob",
    "TuningProps",
    "TuningStrategy",
    "UltraServerPlacement",
    "UpdateEndpoint",
    "UpdateModelApproval",
    "UploadMode",
    "Variant",
    "Violation",
    "WarmStart",
    "WarmStartType",
    "Workflow",
    "WorkflowChecks",
    "acknowledge",
    "check_definition",
    "check_template",
    "execution_input",
]
