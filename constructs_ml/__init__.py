"""AWS CDK constructs for machine-learning workflows on Step Functions and SageMaker."""

from constructs_ml.asl.retry import Retrier, RetryPolicy
from constructs_ml.errors import (
    ConstructsMLError,
    Fault,
    InvalidPropsError,
    LocalRunError,
    MissingRequirementError,
)
from constructs_ml.events.rule import JobStateChangeRule
from constructs_ml.jobs.channel import TrainingChannel
from constructs_ml.jobs.code import Code
from constructs_ml.jobs.data import S3Data, S3DataType
from constructs_ml.jobs.datasets import AthenaDataset, RedshiftDataset
from constructs_ml.jobs.defaults import JobDefaults
from constructs_ml.jobs.experiment import Experiment
from constructs_ml.jobs.image import ContainerImage
from constructs_ml.jobs.options import Compression, Distribution, InputMode, UploadMode
from constructs_ml.jobs.processing import ProcessingJob
from constructs_ml.jobs.processing_data import ProcessingInput, ProcessingOutput
from constructs_ml.jobs.props import JobProps
from constructs_ml.jobs.result import Result
from constructs_ml.jobs.training import TrainingJob
from constructs_ml.jobs.values import execution_input
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.workflow.workflow import Workflow

__all__ = [
    "AthenaDataset",
    "Code",
    "Compression",
    "ConstructsMLError",
    "ContainerImage",
    "Distribution",
    "Experiment",
    "Fault",
    "InputMode",
    "InvalidPropsError",
    "JobDefaults",
    "JobKind",
    "JobProps",
    "JobStateChangeRule",
    "LocalRunError",
    "MissingRequirementError",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingOutput",
    "RedshiftDataset",
    "Result",
    "Retrier",
    "RetryPolicy",
    "S3Data",
    "S3DataType",
    "TrainingChannel",
    "TrainingJob",
    "UploadMode",
    "Workflow",
    "execution_input",
]
