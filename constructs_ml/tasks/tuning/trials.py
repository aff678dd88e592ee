"""The training jobs that a tuning job starts, as CreateHyperParameterTuningJob takes them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from constructs_ml.core.enums import api_value
from constructs_ml.core.job_spec import volume_key_arn
from constructs_ml.core.network import vpc_members
from constructs_ml.core.task import passed_role
from constructs_ml.tasks.training.request import (
    MEMBERS,
    algorithm_request,
    hyperparameters_request,
    shipped_code,
    training_output,
    training_request,
)
from constructs_ml.tasks.training.resources import resources_request
from constructs_ml.tasks.tuning.ranges import ranges_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.tasks.tuning.options import Objective
    from constructs_ml.tasks.tuning.ranges import Range
    from constructs_ml.tasks.tuning.training_definition import TrainingDefinition


@dataclass(frozen=True, slots=True)
class Trials:
    """The definitions in a request.

    Attributes:
        requests: The definitions.
        output: Where all of them put ``<job name>/output/model.tar.gz``; None if they differ in it.
    """

    requests: list[dict[str, Any]]
    output: S3Data | None


def trials_request(
    spec: JobSpec,
    definitions: Sequence[TrainingDefinition],
    objective: Objective | None,
    ranges: Mapping[str, Range] | None,
    *,
    several: bool,
) -> Trials:
    """The definitions; what their training jobs need is declared.

    Args:
        spec: The tuning job.
        definitions: The definitions of its trials.
        objective: The tuning job's own objective.
        ranges: The tuning job's own ranges.
        several: Whether they are a list in the request, in which each has its own objective and ranges.
    """
    if not definitions:
        spec.faults.add("training", "must have a definition, got none", "pass a TrainingDefinition")
    own = spec.own_place("")
    requests = []
    for at, given in enumerate(definitions):
        # What a definition says itself is in it; what it takes from the tuning job is there, unless there are several.
        label = f"training[{at}]" if several else "training"
        path = f"TrainingJobDefinitions[{at}]." if several else "TrainingJobDefinition."
        spec.members |= _members(path, label, given, {**spec.props, "objective": objective, "ranges": ranges})
        _check(spec, given, label, objective=objective, ranges=ranges)
        definition = replace(
            given,
            name=given.name or (f"definition-{at + 1}" if several else None),
            objective=given.objective or (objective if several else None),
            ranges=given.ranges or (ranges if several else None),
            output=given.output or own,
        )
        requests.append(_trial_request(_with_props(spec, definition), definition, label))
    _check_names(spec, requests)
    return Trials(requests, _common_output(definitions, own))


def passed_trial_role(spec: JobSpec, request: dict[str, Any]) -> str | None:
    """The role of the definitions in a request that is passed as a whole; filled in where they lack it."""
    roles: list[str | None] = []
    for member in ("TrainingJobDefinition", "TrainingJobDefinitions"):
        given = request.get(member)
        if given is None:
            continue
        several = isinstance(given, list)
        filled = [
            dict(item) if isinstance(item, Mapping) else {"RoleArn": item} for item in (given if several else [given])
        ]
        roles += [passed_role(spec, item, "RoleArn") for item in filled]
        if all(isinstance(item, Mapping) for item in (given if several else [given])):
            request[member] = filled if several else filled[0]
    if len(set(roles)) > 1:
        spec.faults.add("RoleArn", f"must be the same in all definitions, got {', '.join(map(str, set(roles)))}")
    return roles[0] if roles else None


def _trial_request(spec: JobSpec, definition: TrainingDefinition, label: str) -> dict[str, Any]:
    destination = training_output(spec, definition.output)
    script = shipped_code(spec, definition)
    quoted = definition.code is not None
    return {
        "DefinitionName": definition.name,
        "TuningObjective": definition.objective and definition.objective.to_request(),
        "HyperParameterRanges": ranges_request(definition.ranges, f"{label}.ranges", spec.faults, quoted=quoted),
        "StaticHyperParameters": hyperparameters_request(spec, definition, script, f"{label}.hyperparameters"),
        "AlgorithmSpecification": algorithm_request(spec, definition),
        **training_request(spec, definition, destination, script),
        **_resources(spec),
    }


def _resources(spec: JobSpec) -> dict[str, Any]:
    choices = spec.props.get("trial_instances")
    if choices is None:
        return {"ResourceConfig": resources_request(spec)}
    for name in ("instance_type", "instance_count", "instance_preferences", "instance_groups", "volume_size"):
        if spec.props.get(name) is not None:
            spec.faults.add(name, "cannot be combined with trial_instances", "leave one of them out")
    key = volume_key_arn(spec, [choice.instance_type for choice in choices])
    if len(choices) == 1:
        return {"HyperParameterTuningResourceConfig": {**choices[0].to_request(), "VolumeKmsKeyId": key}}
    return {
        "HyperParameterTuningResourceConfig": {
            "AllocationStrategy": "Prioritized",
            "InstanceConfigs": [choice.to_request() for choice in choices],
            "VolumeKmsKeyId": key,
        }
    }


def _with_props(spec: JobSpec, definition: TrainingDefinition) -> JobSpec:
    """The same spec, faults and needs, with the props of one definition."""
    view = copy(spec)
    view.props = definition.props_over(spec.props)
    return view


def _check(
    spec: JobSpec,
    definition: TrainingDefinition,
    label: str,
    *,
    objective: Objective | None,
    ranges: Mapping[str, Range] | None,
) -> None:
    """Report missing parts of a definition."""
    goal, metrics = definition.objective or objective, definition.metric_definitions
    named = "objective" if definition.objective is None else f"{label}.objective"
    if goal is None:
        spec.faults.add(
            "objective", f"is required for {label}, got none", "pass objective=ml.tuning.Objective.maximize(...)"
        )
    elif isinstance(metrics, Mapping) and metrics and goal.metric not in metrics:
        names = ", ".join(metrics)
        problem = f"must be one of the metric definitions of {label}, got {goal.metric!r}"
        spec.faults.add(named, problem, f"it has {names}")
    searched = definition.ranges or ranges
    if not searched and not spec.props.get("autotune"):
        spec.faults.add("ranges", f"is required for {label}, got none", "pass ranges={...} or autotune=True")
    fixed = definition.hyperparameters
    for name in sorted((searched or {}).keys() & (fixed.keys() if isinstance(fixed, Mapping) else set())):
        problem = f"must not be searched and fixed at once, got {name!r} in ranges too"
        spec.faults.add(f"{label}.hyperparameters", problem, "leave it out of one of them")


def _check_names(spec: JobSpec, requests: Sequence[Mapping[str, Any]]) -> None:
    names = [request["DefinitionName"] for request in requests]
    for name in sorted({name for name in names if name is not None and names.count(name) > 1}):
        spec.faults.add("training", f"must have different names, got {name!r} twice", "rename one of them")


def _common_output(definitions: Sequence[TrainingDefinition], own: S3Data) -> S3Data | None:
    outputs = {definition.output or own for definition in definitions}
    packed = all(api_value(definition.output_compression) in (None, "GZIP") for definition in definitions)
    return outputs.pop() if len(outputs) == 1 and packed else None


def _members(path: str, label: str, definition: TrainingDefinition, props: Mapping[str, Any]) -> dict[str, str]:
    """The props that the members of a definition come from: its own, or those of the tuning job."""

    def named(prop: str) -> str:
        own = getattr(definition, prop, None) is not None
        return f"{label}.{prop}" if own or (hasattr(definition, prop) and props.get(prop) is None) else prop

    members = {f"{path}{member}": named(prop) for member, prop in {**MEMBERS, **_OF_TRIALS}.items()}
    return {**members, **vpc_members(f"{path}VpcConfig")}


_OF_TRIALS = {
    "DefinitionName": "name",
    "HyperParameterRanges": "ranges",
    "HyperParameterTuningResourceConfig": "trial_instances",
    "HyperParameterTuningResourceConfig.VolumeKmsKeyId": "volume_key",
    "RoleArn": "role",
    "StaticHyperParameters": "hyperparameters",
    "TuningObjective": "objective",
}
