# The names of the package, for type checkers; at run time they are imported when they are first used.
from constructs_ml.asl.retry import Retrier, RetryPolicy
from constructs_ml.checks.checking import check_definition, check_template
from constructs_ml.checks.violation import Severity, Violation
from constructs_ml.errors import ConstructsMLError, Fault, InvalidPropsError, LocalRunError, MissingRequirementError
from constructs_ml.events.resource_rules import EndpointStateChangeRule, ModelPackageStateChangeRule
from constructs_ml.events.rule import JobStateChangeRule
from constructs_ml.hosting.capture import AsyncInference, DataCapture
from constructs_ml.hosting.container import ModelContainer
from constructs_ml.hosting.deploy import DeployEndpoint
from constructs_ml.hosting.deployment import Capacity, Deployment
from constructs_ml.hosting.endpoint import CreateEndpoint, UpdateEndpoint
from constructs_ml.hosting.endpoint_config import CreateEndpointConfig
from constructs_ml.hosting.explainer import ClarifyExplainer
from constructs_ml.hosting.model import CreateModel
from constructs_ml.hosting.scaling import InstancePool, ManagedScaling, Routing, Serverless
from constructs_ml.hosting.variant import Variant
from constructs_ml.jobs.acknowledge import acknowledge
from constructs_ml.jobs.automl.job import AutoMLChannel, AutoMLJob
from constructs_ml.jobs.automl.problem import AutoMLLimits, AutoMLProblem
from constructs_ml.jobs.code import Code
from constructs_ml.jobs.data import S3Data, S3DataType
from constructs_ml.jobs.defaults import JobDefaults
from constructs_ml.jobs.experiment import Experiment
from constructs_ml.jobs.image import ContainerImage
from constructs_ml.jobs.instances import InstancePreference
from constructs_ml.jobs.labeling.job import LabelingJob, LabelingProps
from constructs_ml.jobs.labeling.task import AutomatedLabeling, LabelingTask, TaskPrice
from constructs_ml.jobs.model_data import ModelData
from constructs_ml.jobs.options import Compression, Distribution, InputMode, UploadMode
from constructs_ml.jobs.pipeline_execution import PipelineExecution
from constructs_ml.jobs.presets.clarify import ClarifyJob
from constructs_ml.jobs.presets.model_monitor import ModelMonitorJob
from constructs_ml.jobs.presets.spark import PySparkJob, SparkJarJob
from constructs_ml.jobs.processing.data import ProcessingInput, ProcessingOutput
from constructs_ml.jobs.processing.datasets import AthenaDataset, RedshiftDataset
from constructs_ml.jobs.processing.job import ProcessingJob
from constructs_ml.jobs.props import JobProps
from constructs_ml.jobs.result import Result
from constructs_ml.jobs.training.channel import TrainingChannel
from constructs_ml.jobs.training.debugging import DebuggerRule, DebugHook, Profiler, TensorBoard, TensorCollection
from constructs_ml.jobs.training.definition import TrainingDefinition
from constructs_ml.jobs.training.file_systems import FileSystem, FileSystemType, HubDataset
from constructs_ml.jobs.training.job import TrainingJob
from constructs_ml.jobs.training.props import TrainingProps
from constructs_ml.jobs.training.resources import InstanceGroup, UltraServerPlacement
from constructs_ml.jobs.training.services import (
    MlflowTracking,
    ModelPackageOutput,
    PrivateRegistry,
    RegistryAccess,
    ServerlessJobType,
    ServerlessTraining,
)
from constructs_ml.jobs.transform.job import TransformJob, TransformProps
from constructs_ml.jobs.transform.options import AssembleWith, BatchDataCapture, BatchStrategy, JoinSource, SplitType
from constructs_ml.jobs.tuning.job import TuningJob
from constructs_ml.jobs.tuning.options import (
    Hyperband,
    Objective,
    TrialInstances,
    TuningStrategy,
    WarmStart,
    WarmStartType,
)
from constructs_ml.jobs.tuning.props import TuningProps
from constructs_ml.jobs.tuning.ranges import AutoRange, CategoricalRange, ContinuousRange, IntegerRange, Scaling
from constructs_ml.jobs.values import execution_input
from constructs_ml.patterns.inference_pipeline import InferencePipeline, InferencePipelineStack
from constructs_ml.patterns.training_pipeline import TrainingPipeline, TrainingPipelineStack
from constructs_ml.registry.approval import UpdateModelApproval
from constructs_ml.registry.gate import ModelApprovalGate
from constructs_ml.registry.group import ModelPackageGroup
from constructs_ml.registry.inference import InferenceSpecification, PackageContainer
from constructs_ml.registry.register import RegisterModel
from constructs_ml.registry.sources import DriftBaselines, MetricsFile, ModelMetrics
from constructs_ml.registry.validation import LifeCycle, ModelCard, PackageValidation, Provenance, SourceAlgorithm
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.validation.plugin import WorkflowChecks
from constructs_ml.validation.security import SageMakerSecurityChecks
from constructs_ml.workflow.map import DistributedMap, Map
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
