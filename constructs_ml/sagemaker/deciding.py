"""The members of a request that decide a job's result, for the key of its cache.

All do but those that are named here: names, roles, tags, networks, keys, instance types and limits of time say how a job runs, and
places say where its results go. A member that SageMaker adds later decides, until it is named here: a job that runs once too
often is no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

UNDECIDING = frozenset(
    {
        "CheckpointConfig",
        "DataCaptureConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
        "ExecutionRoleArn",
        "ExperimentConfig",
        "InfraCheckConfig",
        "InstancePlacementConfig",
        "InstanceType",
        "KeepAlivePeriodInSeconds",
        "KmsKeyId",
        "MlflowConfig",
        "ProfilerConfig",
        "ProfilerRuleConfigurations",
        "RemoteDebugConfig",
        "RetryStrategy",
        "RoleArn",
        "SessionChainingConfig",
        "StoppingCondition",
        "Tags",
        "TensorBoardOutputConfig",
        "TrainingPlanArn",
        "TrainingPlanArns",
        "VolumeKmsKeyId",
        "VolumeSizeInGB",
        "VpcConfig",
    }
)
"""Members that decide nothing, wherever they are in a request."""
UNDECIDING_PARAMETERS = frozenset({"sagemaker_container_log_level", "sagemaker_region"})
"""Hyperparameters by which the toolkit of a framework image is set up, and that decide nothing."""
_OUTPUTS = ("S3OutputPath", "S3Output.S3Uri")
"""The ends of the paths of members that name the place of a result."""
_INPUTS = ("S3Input.S3Uri", "S3DataSource.S3Uri", "ModelDataUrl")
"""The ends of the paths of members that name data which a job reads."""
OPAQUE = ("DatasetDefinition", "FileSystemDataSource", "DatasetSource")
"""Members for data that S3 does not list: queries, file systems, data sets of a hub."""
LOGS = "spark-event-logs"
"""The output of Spark jobs with their event logs, beside the result."""
_LABELS = ("InputName", "ChannelName", "OutputName", "DefinitionName", "Name")
"""The members by which the items of a list are named."""
LISTED = "S3Prefix"
"""The type of data whose objects are those under its URI."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a request that decides its result.

    Attributes:
        path: Its path, with the names of items in the place of their numbers: ``ProcessingInputs[raw].S3Input.S3Uri``.
        value: The value: JSON, or a runtime value.
        item: The structure that it is in.
    """

    path: str
    value: Any
    item: Mapping[str, Any]

    @property
    def is_input(self) -> bool:
        """True if it names the place of data that the job reads."""
        return self.path.endswith(_INPUTS)

    @property
    def input_path(self) -> str:
        """The path of the input that it is the place of: ``ProcessingInputs[raw]``."""
        end = self.path.rfind("]") + 1
        return self.path[:end] if end else self.path.rpartition(".")[0] or self.path


def deciding_leaves(request: Mapping[str, Any], name_member: str) -> Iterator[Leaf]:
    """Yield the values that decide a result.

    Args:
        request: The request, with runtime values in it.
        name_member: The member that is the job's name.
    """
    return _leaves({name: value for name, value in request.items() if name != name_member}, "")


def _leaves(item: Mapping[str, Any], path: str) -> Iterator[Leaf]:
    for name, value in item.items():
        here = f"{path}.{name}" if path else str(name)
        if value is None or name in UNDECIDING or here.endswith(_OUTPUTS):
            continue
        yield from _of_value(value, here, item)


def _of_value(value: Any, here: str, item: Mapping[str, Any]) -> Iterator[Leaf]:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        yield from _leaves(value, here)
    elif isinstance(value, (list, tuple)):
        for at, each in enumerate(value):
            yield from _of_value(each, f"{here}[{_label(each, at)}]", item)
    else:
        yield Leaf(here, value, item)


def _label(item: Any, at: int) -> str:  # noqa: ANN401 - JSON
    names = [item.get(name) for name in _LABELS] if isinstance(item, Mapping) else []
    return next((name for name in names if isinstance(name, str)), str(at))


def outputs_of(request: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the places of a job's results, by the paths of their members."""
    pending: list[tuple[str, Any]] = [("", request)]
    while pending:
        path, value = pending.pop(0)
        if isinstance(value, Mapping):
            pending += [
                (f"{path}.{name}" if path else str(name), each)
                for name, each in value.items()
                if name not in UNDECIDING
            ]
        elif isinstance(value, (list, tuple)):
            pending += [(f"{path}[{_label(each, at)}]", each) for at, each in enumerate(value)]
        elif value is not None and path.endswith(_OUTPUTS) and f"[{LOGS}]" not in path:
            yield path, value


def opaque_inputs(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the inputs whose data S3 does not list, by their paths, each with the member that says so."""
    pending: list[tuple[str, Any]] = [("", request)]
    while pending:
        path, value = pending.pop(0)
        if isinstance(value, Mapping):
            for name, each in value.items():
                if name in OPAQUE:
                    yield path.partition(".DataSource")[0], str(name)
                elif name == "S3DataType" and each != LISTED:
                    yield path.partition(".DataSource")[0].removesuffix(".S3Input"), str(each)
                else:
                    pending.append((f"{path}.{name}" if path else str(name), each))
        elif isinstance(value, (list, tuple)):
            pending += [(f"{path}[{_label(each, at)}]", each) for at, each in enumerate(value)]
