"""SageMaker Debugger and Profiler: records of a training job in addition to its model, and the rules that watch it.

Source: "Use the SageMaker and Debugger Configuration API Operations to Create, Update, and Debug Your Training Job" of
the SageMaker developer guide. What is recorded is written by the job's role.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.core.requests import gibibytes
from constructs_ml.core.s3_data import written_by_execution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Size

    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.core.s3_data import S3Data


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorCollection:
    """Tensors that are saved together.

    Attributes:
        name: Such as ``losses`` or ``weights``.
        parameters: Such as ``{"save_interval": "500"}``, at most 20.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebugHook:
    """The tensors that Debugger saves.

    Attributes:
        output: Where they go. Default: a location unique to the execution.
        local_path: Where the container keeps them. Default: ``/opt/ml/output/tensors/``.
        parameters: The hook's own parameters, at most 20.
        collections: The collections that are saved, at most 20. Default: the framework's.
    """

    output: S3Data | None = None
    local_path: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    collections: Sequence[TensorCollection] = ()

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``DebugHookConfig``; what it writes is declared."""
        return {
            "S3OutputPath": _written(spec, self.output, "debug_hook", "debug"),
            "LocalPath": self.local_path,
            "HookParameters": dict(self.parameters) or None,
            "CollectionConfigurations": [
                {"CollectionName": item.name, "CollectionParameters": dict(item.parameters) or None}
                for item in self.collections
            ]
            or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DebuggerRule:
    """A rule of Debugger or Profiler that watches a training job; it runs as a processing job of SageMaker's own.

    Attributes:
        name: The rule's name, different from those of the job's other rules.
        image: The image that evaluates it.
        parameters: Such as ``{"rule_to_invoke": "LossNotDecreasing"}``, at most 100.
        output: Where its reports go. Default: ``rule-output/`` below the job's output.
        local_path: Where its container keeps them. Default: ``/opt/ml/processing/output/rule/``.
        instance_type: The instance of a rule of your own. Default: SageMaker's choice.
        volume_size: The size of that instance's volume. Default: SageMaker's choice.
    """

    name: str
    image: ContainerImage
    parameters: Mapping[str, str] = field(default_factory=dict)
    output: S3Data | None = None
    local_path: str | None = None
    instance_type: str | None = None
    volume_size: Size | str | None = None

    def to_request(self, spec: JobSpec, member: str) -> dict[str, Any]:
        """The rule as CreateTrainingJob takes it; what it needs is declared."""
        bound = spec.image(self.image, "debugger", f"{member}.image")
        return {
            "RuleConfigurationName": self.name,
            "RuleEvaluatorImage": None if bound is None else bound.uri,
            "RuleParameters": dict(self.parameters) or None,
            "S3OutputPath": None if self.output is None else _written(spec, self.output, member, ""),
            "LocalPath": self.local_path,
            "InstanceType": self.instance_type,
            "VolumeSizeInGB": gibibytes(self.volume_size),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorBoard:
    """The records for TensorBoard.

    Attributes:
        output: Where it goes. Default: a location unique to the execution.
        local_path: Where the container writes it. Default: ``/opt/ml/output/tensorboard``.
    """

    output: S3Data | None = None
    local_path: str | None = None

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``TensorBoardOutputConfig``; what it writes is declared."""
        return {
            "S3OutputPath": _written(spec, self.output, "tensorboard", "tensorboard"),
            "LocalPath": self.local_path,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiler:
    """Profiler's records of the instances and the framework.

    Attributes:
        output: Where it goes. Default: a location unique to the execution, unless it is disabled.
        interval: How often: 100, 200 or 500 ms, 1, 5 or 60 s. Default: 500 ms.
        parameters: The profiling of the framework, at most 20 JSON strings.
        disabled: Whether nothing is recorded. Default: SageMaker's own choice.
    """

    output: S3Data | None = None
    interval: Duration | str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    disabled: bool | None = None

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``ProfilerConfig``; what it writes is declared."""
        wanted = self.output is not None or not self.disabled
        return {
            "S3OutputPath": _written(spec, self.output, "profiler", "profiler") if wanted else None,
            "ProfilingIntervalInMilliseconds": _milliseconds(spec, self.interval),
            "ProfilingParameters": dict(self.parameters) or None,
            "DisableProfiler": self.disabled,
        }


INTERVALS = (100, 200, 500, 1_000, 5_000, 60_000)
"""Milliseconds between the records of Profiler. botocore's model says it in words only."""


def rules_request(spec: JobSpec, rules: Sequence[DebuggerRule] | None, member: str) -> list[dict[str, Any]] | None:
    """Rules as CreateTrainingJob takes them."""
    return [rule.to_request(spec, f"{member}[{at}]") for at, rule in enumerate(rules or ())] or None


def _milliseconds(spec: JobSpec, interval: Duration | str | None) -> Any:  # noqa: ANN401 - a number or a runtime value
    if not isinstance(interval, Duration):
        return interval
    found = interval.to_milliseconds()
    if found not in INTERVALS and not is_dynamic(found):
        shown = ", ".join(map(str, INTERVALS))
        spec.faults.add("profiler.interval", f"must be {shown} ms, got {found:g} ms", "pass Duration.millis(500)")
    return found


def _written(spec: JobSpec, output: S3Data | None, member: str, name: str) -> Any:  # noqa: ANN401 - a text or a runtime value
    data = spec.writes_beside(output or written_by_execution(spec.context, spec.part, name))
    if not data.objects and spec.derives_role:
        spec.unknown_location(member)
    return data.location
