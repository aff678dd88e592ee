"""AWS CDK constructs for machine-learning workflows on Step Functions and SageMaker.

Names are imported when they are first used: the pure parts of the library and its command start without aws_cdk.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructs_ml.asl.retry import Retrier, RetryPolicy
    from constructs_ml.errors import (
        ConstructsMLError,
        Fault,
        InvalidPropsError,
        LocalRunError,
        MissingRequirementError,
    )
    from constructs_ml.events.rule import JobStateChangeRule
    from constructs_ml.jobs.automl import AutoMLChannel, AutoMLJob
    from constructs_ml.jobs.automl_problem import AutoMLLimits, AutoMLProblem
    from constructs_ml.jobs.channel import TrainingChannel
    from constructs_ml.jobs.code import Code
    from constructs_ml.jobs.data import S3Data, S3DataType
    from constructs_ml.jobs.datasets import AthenaDataset, RedshiftDataset
    from constructs_ml.jobs.debugging import DebuggerRule, DebugHook, Profiler, TensorBoard, TensorCollection
    from constructs_ml.jobs.defaults import JobDefaults
    from constructs_ml.jobs.experiment import Experiment
    from constructs_ml.jobs.file_systems import FileSystem, FileSystemType, HubDataset
    from constructs_ml.jobs.image import ContainerImage
    from constructs_ml.jobs.instances import InstancePreference
    from constructs_ml.jobs.labeling import LabelingJob, LabelingProps
    from constructs_ml.jobs.labeling_task import AutomatedLabeling, LabelingTask, TaskPrice
    from constructs_ml.jobs.options import Compression, Distribution, InputMode, UploadMode
    from constructs_ml.jobs.pipeline_execution import PipelineExecution
    from constructs_ml.jobs.processing import ProcessingJob
    from constructs_ml.jobs.processing_data import ProcessingInput, ProcessingOutput
    from constructs_ml.jobs.props import JobProps
    from constructs_ml.jobs.result import Result
    from constructs_ml.jobs.training import TrainingJob
    from constructs_ml.jobs.training_definition import TrainingDefinition
    from constructs_ml.jobs.training_props import TrainingProps
    from constructs_ml.jobs.training_resources import InstanceGroup, UltraServerPlacement
    from constructs_ml.jobs.training_services import (
        MlflowTracking,
        ModelPackageOutput,
        PrivateRegistry,
        RegistryAccess,
        ServerlessJobType,
        ServerlessTraining,
    )
    from constructs_ml.jobs.transform import TransformJob, TransformProps
    from constructs_ml.jobs.transform_options import (
        AssembleWith,
        BatchDataCapture,
        BatchStrategy,
        JoinSource,
        SplitType,
    )
    from constructs_ml.jobs.tuning import TuningJob
    from constructs_ml.jobs.tuning_options import (
        Hyperband,
        Objective,
        TrialInstances,
        TuningStrategy,
        WarmStart,
        WarmStartType,
    )
    from constructs_ml.jobs.tuning_props import TuningProps
    from constructs_ml.jobs.tuning_ranges import AutoRange, CategoricalRange, ContinuousRange, IntegerRange, Scaling
    from constructs_ml.jobs.values import execution_input
    from constructs_ml.sagemaker.kinds import JobKind
    from constructs_ml.workflow.map import DistributedMap, Map
    from constructs_ml.workflow.workflow import Workflow

__all__ = [
    "AssembleWith",
    "AthenaDataset",
    "AutoMLChannel",
    "AutoMLJob",
    "AutoMLLimits",
    "AutoMLProblem",
    "AutoRange",
    "AutomatedLabeling",
    "BatchDataCapture",
    "BatchStrategy",
    "CategoricalRange",
    "Code",
    "Compression",
    "ConstructsMLError",
    "ContainerImage",
    "ContinuousRange",
    "DebugHook",
    "DebuggerRule",
    "DistributedMap",
    "Distribution",
    "Experiment",
    "Fault",
    "FileSystem",
    "FileSystemType",
    "HubDataset",
    "Hyperband",
    "InputMode",
    "InstanceGroup",
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
    "LocalRunError",
    "Map",
    "MissingRequirementError",
    "MlflowTracking",
    "ModelPackageOutput",
    "Objective",
    "PipelineExecution",
    "PrivateRegistry",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingOutput",
    "Profiler",
    "RedshiftDataset",
    "RegistryAccess",
    "Result",
    "Retrier",
    "RetryPolicy",
    "S3Data",
    "S3DataType",
    "Scaling",
    "ServerlessJobType",
    "ServerlessTraining",
    "SplitType",
    "TaskPrice",
    "TensorBoard",
    "TensorCollection",
    "TrainingChannel",
    "TrainingDefinition",
    "TrainingJob",
    "TrainingProps",
    "TransformJob",
    "TransformProps",
    "TrialInstances",
    "TuningJob",
    "TuningProps",
    "TuningStrategy",
    "UltraServerPlacement",
    "UploadMode",
    "WarmStart",
    "WarmStartType",
    "Workflow",
    "execution_input",
]

_HOMES = {
    "AssembleWith": "constructs_ml.jobs.transform_options",
    "AthenaDataset": "constructs_ml.jobs.datasets",
    "AutoMLChannel": "constructs_ml.jobs.automl",
    "AutoMLJob": "constructs_ml.jobs.automl",
    "AutoMLLimits": "constructs_ml.jobs.automl_problem",
    "AutoMLProblem": "constructs_ml.jobs.automl_problem",
    "AutoRange": "constructs_ml.jobs.tuning_ranges",
    "AutomatedLabeling": "constructs_ml.jobs.labeling_task",
    "BatchDataCapture": "constructs_ml.jobs.transform_options",
    "BatchStrategy": "constructs_ml.jobs.transform_options",
    "CategoricalRange": "constructs_ml.jobs.tuning_ranges",
    "Code": "constructs_ml.jobs.code",
    "Compression": "constructs_ml.jobs.options",
    "ConstructsMLError": "constructs_ml.errors",
    "ContainerImage": "constructs_ml.jobs.image",
    "ContinuousRange": "constructs_ml.jobs.tuning_ranges",
    "DebugHook": "constructs_ml.jobs.debugging",
    "DebuggerRule": "constructs_ml.jobs.debugging",
    "DistributedMap": "constructs_ml.workflow.map",
    "Distribution": "constructs_ml.jobs.options",
    "Experiment": "constructs_ml.jobs.experiment",
    "Fault": "constructs_ml.errors",
    "FileSystem": "constructs_ml.jobs.file_systems",
    "FileSystemType": "constructs_ml.jobs.file_systems",
    "HubDataset": "constructs_ml.jobs.file_systems",
    "Hyperband": "constructs_ml.jobs.tuning_options",
    "InputMode": "constructs_ml.jobs.options",
    "InstanceGroup": "constructs_ml.jobs.training_resources",
    "InstancePreference": "constructs_ml.jobs.instances",
    "IntegerRange": "constructs_ml.jobs.tuning_ranges",
    "InvalidPropsError": "constructs_ml.errors",
    "JobDefaults": "constructs_ml.jobs.defaults",
    "JobKind": "constructs_ml.sagemaker.kinds",
    "JobProps": "constructs_ml.jobs.props",
    "JobStateChangeRule": "constructs_ml.events.rule",
    "JoinSource": "constructs_ml.jobs.transform_options",
    "LabelingJob": "constructs_ml.jobs.labeling",
    "LabelingProps": "constructs_ml.jobs.labeling",
    "LabelingTask": "constructs_ml.jobs.labeling_task",
    "LocalRunError": "constructs_ml.errors",
    "Map": "constructs_ml.workflow.map",
    "MissingRequirementError": "constructs_ml.errors",
    "MlflowTracking": "constructs_ml.jobs.training_services",
    "ModelPackageOutput": "constructs_ml.jobs.training_services",
    "Objective": "constructs_ml.jobs.tuning_options",
    "PipelineExecution": "constructs_ml.jobs.pipeline_execution",
    "PrivateRegistry": "constructs_ml.jobs.training_services",
    "ProcessingInput": "constructs_ml.jobs.processing_data",
    "ProcessingJob": "constructs_ml.jobs.processing",
    "ProcessingOutput": "constructs_ml.jobs.processing_data",
    "Profiler": "constructs_ml.jobs.debugging",
    "RedshiftDataset": "constructs_ml.jobs.datasets",
    "RegistryAccess": "constructs_ml.jobs.training_services",
    "Result": "constructs_ml.jobs.result",
    "Retrier": "constructs_ml.asl.retry",
    "RetryPolicy": "constructs_ml.asl.retry",
    "S3Data": "constructs_ml.jobs.data",
    "S3DataType": "constructs_ml.jobs.data",
    "Scaling": "constructs_ml.jobs.tuning_ranges",
    "ServerlessJobType": "constructs_ml.jobs.training_services",
    "ServerlessTraining": "constructs_ml.jobs.training_services",
    "SplitType": "constructs_ml.jobs.transform_options",
    "TaskPrice": "constructs_ml.jobs.labeling_task",
    "TensorBoard": "constructs_ml.jobs.debugging",
    "TensorCollection": "constructs_ml.jobs.debugging",
    "TrainingChannel": "constructs_ml.jobs.channel",
    "TrainingDefinition": "constructs_ml.jobs.training_definition",
    "TrainingJob": "constructs_ml.jobs.training",
    "TrainingProps": "constructs_ml.jobs.training_props",
    "TransformJob": "constructs_ml.jobs.transform",
    "TransformProps": "constructs_ml.jobs.transform",
    "TrialInstances": "constructs_ml.jobs.tuning_options",
    "TuningJob": "constructs_ml.jobs.tuning",
    "TuningProps": "constructs_ml.jobs.tuning_props",
    "TuningStrategy": "constructs_ml.jobs.tuning_options",
    "UltraServerPlacement": "constructs_ml.jobs.training_resources",
    "UploadMode": "constructs_ml.jobs.options",
    "WarmStart": "constructs_ml.jobs.tuning_options",
    "WarmStartType": "constructs_ml.jobs.tuning_options",
    "Workflow": "constructs_ml.workflow.workflow",
    "execution_input": "constructs_ml.jobs.values",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
