"""The props of a training job that most have no need of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.props import JobProps
from constructs_ml.tasks.training.resources import TrainingResourceProps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.tasks.training.debugging import DebuggerRule, DebugHook, Profiler, TensorBoard
    from constructs_ml.tasks.training.services import (
        MlflowTracking,
        ModelPackageOutput,
        PrivateRegistry,
        ServerlessTraining,
    )


class TrainingProps(JobProps, TrainingResourceProps, total=False):
    """What training jobs take beside the props of every job."""

    private_registry: PrivateRegistry
    """The Docker registry of your own that the image is pulled from. Default: ECR."""
    debug_hook: DebugHook
    """What Debugger saves of the tensors. Default: nothing."""
    debug_rules: Sequence[DebuggerRule]
    """Rules that watch the tensors, at most 20. Default: none."""
    tensorboard: TensorBoard
    """What is recorded for TensorBoard. Default: nothing."""
    profiler: Profiler
    """What is recorded of the instances. Default: SageMaker's own choice."""
    profiler_rules: Sequence[DebuggerRule]
    """Rules that watch the instances, at most 20. Default: none."""
    remote_debug: bool
    """Whether one may connect to the container through Systems Manager. Default: one may not."""
    infra_check: bool
    """Whether the instances are checked before the job starts. Default: they are not."""
    session_tag_chaining: bool
    """Whether the session tags of what creates the job are handed on to the job's role. Default: they are not."""
    mlflow: MlflowTracking
    """Where the run is recorded with MLflow. Default: nowhere."""
    model_package: ModelPackageOutput
    """Where serverless training registers its model. Default: nowhere."""
    serverless: ServerlessTraining
    """Trains a foundation model on capacity of SageMaker's, instead of an image on instances. Default: no."""
