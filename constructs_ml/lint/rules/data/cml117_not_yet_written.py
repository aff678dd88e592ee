"""CML117."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import is_distributed
from constructs_ml.asl.integration import integration_of
from constructs_ml.asl.transitions import is_sound, leads_to
from constructs_ml.errors import Severity
from constructs_ml.lint.examples import definition, processing
from constructs_ml.lint.rule import rule
from constructs_ml.sagemaker.task_requests import requests_of, texts_of_requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation
    from constructs_ml.sagemaker.task_requests import Request

_OF_EXECUTION = re.compile(r"(?:\$\$|\$states\.context)\.Execution\.(?:Name|Id)\b")
_READ = ("S3Uri", "ModelDataUrl")
_WRITTEN = ("S3Output.S3Uri", "OutputDataConfig.S3OutputPath", "TransformOutput.S3OutputPath")
_BESIDE = ("CheckpointConfig", "DebugHookConfig", "ProfilerConfig", "TensorBoardOutputConfig")
"""The members by which a job reads, writes, or writes while it runs."""
_PLACE = "States.Format('s3://churn/train/{}/', $$.Execution.Name)"


def _two(first: str, second: str) -> Mapping[str, Any]:
    """Return a definition of two jobs, one of which reads the other's output."""
    output = {"S3Uri.$": _PLACE, "LocalPath": "/opt/ml/processing/train", "S3UploadMode": "EndOfJob"}
    data = {"S3Uri.$": _PLACE, "S3DataType": "S3Prefix", "S3InputMode": "File", "LocalPath": "/opt/ml/processing/raw"}
    members: Mapping[str, Any] = {
        "Write": {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "train", "S3Output": output}]}},
        "Read": {"ProcessingInputs": [{"InputName": "raw", "S3Input": data}]},
    }
    jobs: Mapping[str, Any] = {name: processing(**body)["States"]["Prepare"] for name, body in members.items()}
    before = {name: value for name, value in jobs[first].items() if name != "End"}
    return definition(**{first: {**before, "Next": second}, second: jobs[second]})


@rule(
    "CML117",
    title="A job's output exists before another job of the execution reads it",
    reason="Only one execution writes to a location that contains its name. A job that reads it before the writer has "
    "ended finds nothing there, or a part: a path must lead from the writer to the reader, which branches of a "
    "Parallel do not have, and the writer must be waited for. Source: 'Connect to services with integration patterns' "
    'of the Step Functions developer guide, "Run a Job"; S3DataSource in the SageMaker API.',
    bad=_two("Read", "Write"),
    good=_two("Write", "Read"),
)
def not_yet_written(machine: Machine) -> Iterator[Violation]:
    """Jobs that read the output of a job that has not run before them."""
    writers: dict[str, list[State]] = {}
    readers: list[tuple[Request, str, str]] = []
    for request, member, text in texts_of_requests(machine):
        name = member.removesuffix(".$")
        if not name.endswith((*_READ, *_WRITTEN)) or name.startswith(_BESIDE) or not _OF_EXECUTION.search(text):
            continue
        if name.endswith(_WRITTEN):
            writers.setdefault(text, []).append(request.state)
        else:
            readers.append((request, member, text))
    # If a state leads nowhere, the rule about that comes first.
    if not writers or not all(map(is_sound, machine.states)):
        return
    for request, member, place in readers:
        yield from _judged(request, member, place, writers.get(place, []), machine)


def _judged(request: Request, member: str, place: str, writers: list[State], machine: Machine) -> Iterator[Violation]:
    reader = request.state
    if not writers or reader in writers or any(_elsewhere(writer, reader) for writer in writers):
        return
    before = [writer for writer in writers if _comes_before(writer, reader)]
    if not before and _may_be_written_by_others(machine, reader):
        return
    if not before:
        problem = f"reads {place}, which {writers[0].name} writes, but {writers[0].name} does not run before it"
        yield request.violation(member, problem, f"add a path from {writers[0].name} to it", Severity.ERROR)
    elif not any(map(_is_waited_for, before)) and not _is_asked_for(machine):
        problem = f"reads {place}, which {before[0].name} writes, but nothing waits for {before[0].name} to end"
        yield request.violation(
            member, problem, f"wait for {before[0].name}: append .sync to its Resource", Severity.WARNING
        )


def _parted(one: State, two: State) -> tuple[State, State]:
    """Return where the nesting of two states diverges: states of one scope, or of branches of one state."""
    ways = zip([*one.around, one], [*two.around, two], strict=False)
    return next((left, right) for left, right in ways if left is not right)


def _elsewhere(one: State, two: State) -> bool:
    """Return whether two states run in different executions, whose names differ."""
    shared = set(map(id, one.around)) & set(map(id, two.around))
    return any(is_distributed(outer) for state in (one, two) for outer in state.around if id(outer) not in shared)


def _comes_before(writer: State, reader: State) -> bool:
    left, right = _parted(writer, reader)
    return left.scope is right.scope and leads_to(left, right.name)


def _may_be_written_by_others(machine: Machine, reader: State) -> bool:
    """Return whether a task other than a job, whose outputs are unknown, precedes a job."""
    jobs = {id(request.state) for request in requests_of(machine)}
    others = [state for state in machine.states if state.type == "Task" and id(state) not in jobs]
    return any(reader not in (state, *state.around) and _comes_before(state, reader) for state in others)


def _is_waited_for(state: State) -> bool:
    call = integration_of(state)
    return call is None or call.waits


def _is_asked_for(machine: Machine) -> bool:
    """Return whether the state machine asks for a job's status, or waits for a time."""
    calls = [integration_of(state) for state in machine.states]
    asks = any(call is not None and call.action.startswith(("describe", "list")) for call in calls)
    return asks or any(state.type == "Wait" for state in machine.states)
