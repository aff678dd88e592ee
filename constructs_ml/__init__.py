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
    from constructs_ml.workflow.map import DistributedMap, Map
    from constructs_ml.workflow.workflow import Workflow

__all__ = [
    "AthenaDataset",
    "Code",
    "Compression",
    "ConstructsMLError",
    "ContainerImage",
    "DistributedMap",
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
    "Map",
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

_HOMES = {
    "AthenaDataset": "constructs_ml.jobs.datasets",
    "Code": "constructs_ml.jobs.code",
    "Compression": "constructs_ml.jobs.options",
    "ConstructsMLError": "constructs_ml.errors",
    "ContainerImage": "constructs_ml.jobs.image",
    "DistributedMap": "constructs_ml.workflow.map",
    "Distribution": "constructs_ml.jobs.options",
    "Experiment": "constructs_ml.jobs.experiment",
    "Fault": "constructs_ml.errors",
    "InputMode": "constructs_ml.jobs.options",
    "InvalidPropsError": "constructs_ml.errors",
    "JobDefaults": "constructs_ml.jobs.defaults",
    "JobKind": "constructs_ml.sagemaker.kinds",
    "JobProps": "constructs_ml.jobs.props",
    "JobStateChangeRule": "constructs_ml.events.rule",
    "LocalRunError": "constructs_ml.errors",
    "Map": "constructs_ml.workflow.map",
    "MissingRequirementError": "constructs_ml.errors",
    "ProcessingInput": "constructs_ml.jobs.processing_data",
    "ProcessingJob": "constructs_ml.jobs.processing",
    "ProcessingOutput": "constructs_ml.jobs.processing_data",
    "RedshiftDataset": "constructs_ml.jobs.datasets",
    "Result": "constructs_ml.jobs.result",
    "Retrier": "constructs_ml.asl.retry",
    "RetryPolicy": "constructs_ml.asl.retry",
    "S3Data": "constructs_ml.jobs.data",
    "S3DataType": "constructs_ml.jobs.data",
    "TrainingChannel": "constructs_ml.jobs.channel",
    "TrainingJob": "constructs_ml.jobs.training",
    "UploadMode": "constructs_ml.jobs.options",
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
