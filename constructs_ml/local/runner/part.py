"""The part of a workflow that a run executes: its definition cut after a state, and the jobs that are given or debugged.

A given job is still called by its state: only its container does not run, and its outputs are copied. So the definition is the
synthesized one up to the cut, and choices, catches, branches and results are those of a whole run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.integration import action_of, standing_for_one
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import MissingRequirementError, RunInputError
from constructs_ml.local.host.part import JobsPart
from constructs_ml.local.runner.given import source
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.asl.definition import Scope, State

_JOBS = {
    "createProcessingJob": "processing job",
    "createTrainingJob": "training job",
    "createTransformJob": "transform job",
    "createHyperParameterTuningJob": "tuning job",
}
"""The calls that run the user's code."""
_GIVEN = ("createProcessingJob", "createTrainingJob", "createTransformJob")
_DEBUGGED = ("createProcessingJob", "createTrainingJob")


@dataclass(frozen=True)
class Part:
    """The part of a workflow that the user asks for, by the names of states.

    Attributes:
        until: The state after which the execution ends.
        only: The state that alone is run: the jobs before it are given.
        given: The folders or S3 URIs that the outputs of jobs are taken from, by their states.
        debug: The state whose script waits for a debugger.
    """

    until: str = ""
    only: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    debug: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is asked for."""
        return bool(self.until or self.only or self.given or self.debug)

    @property
    def last(self) -> str:
        """The state after which the execution ends; empty for its own end."""
        return self.until or self.only


@dataclass(frozen=True)
class Plan:
    """A part of a definition, ready to be run.

    Attributes:
        definition: The definition to run.
        not_run: The states that are cut off, in their order.
        given: The sources of given jobs, by the states that call them.
        debugged: The states that call the debugged job.
        outputs: The names of the outputs of given processing jobs that are known, by what the user calls their states.
    """

    definition: dict[str, Any]
    not_run: list[str]
    given: dict[str, str]
    debugged: list[str]
    outputs: dict[str, list[str]]


def plan(body: Mapping[str, Any], part: Part) -> Plan:
    """Cut a definition.

    Args:
        body: The definition, as JSON data.
        part: The part that is asked for.

    Raises:
        RunInputError: If the part cannot be run; it names the option and the state.
    """
    if part.until and part.only:
        raise RunInputError("--until and --only cannot be combined; --only ends after its state too")
    whole = _States(read_definition(body))
    definition = json.loads(json.dumps(body))
    option = "--only" if part.only else "--until"
    if part.last:
        _cut(definition, whole.at_top(option, part.last), option)
    states = _States(read_definition(definition))
    not_run = [name for name in whole.top.states if name not in states.top.states]
    given: dict[str, str] = {}
    outputs: dict[str, list[str]] = {}
    for name, place in part.given.items():
        whole.find("--given", name)
        jobs = states.jobs_of("--given", name, _GIVEN, part.last)
        given |= {job.name: place for job in jobs}
        outputs[name] = [found for job in jobs for found in _outputs(job)]
    debugged: list[str] = []
    if part.debug:
        whole.find("--debug", part.debug)
        debugged = [job.name for job in states.jobs_of("--debug", part.debug, _DEBUGGED, part.last)]
        if set(debugged) & set(given):
            raise RunInputError(
                f"--debug {part.debug}: is given too (--given), so its script is not run; leave one out"
            )
    if part.only:
        _require_given(states, part.only, given)
    return Plan(definition, not_run, given, debugged, outputs)


class _States:
    """The states of a definition, by what the user calls them."""

    def __init__(self, top: Scope) -> None:
        self.top = top
        self._all = {state.name: state for state in top.walk()}
        self._one = {state.name for state in standing_for_one(top)}

    def find(self, option: str, name: str) -> State:
        """Return a state.

        Raises:
            RunInputError: If there is none.
        """
        if name not in self._all:
            names = ", ".join(self.top.states)
            raise RunInputError(
                f"{option} {name}: the workflow has no such state{did_you_mean(name, self._all)}; there are: {names}"
            )
        return self._all[name]

    def at_top(self, option: str, name: str) -> State:
        """Return a state that the execution can end after.

        Raises:
            RunInputError: If it cannot.
        """
        state = self.find(option, name)
        if state.around:
            outer = state.around[0]
            raise RunInputError(
                f"{option} {name}: is inside the {outer.type} state {outer.name}, which runs as a whole; name {outer.name}"
            )
        if state.type == "Choice":
            before = [other.name for other in self.top.states.values() if name in _next(other)]
            names = " or ".join(dict.fromkeys([*before, *_next(state)]))
            raise RunInputError(f"{option} {name}: is a Choice, which has no end; name {names}")
        return state

    def jobs_of(self, option: str, name: str, allowed: tuple[str, ...], last: str) -> list[State]:
        """Return the states that call a job: the state itself, or those inside a state that stands for one job.

        Raises:
            RunInputError: If it is not a job that can be given or debugged, or is cut off.
        """
        if name not in self._all:
            raise RunInputError(f"{option} {name}: is not run, because the run ends after {last}; leave it out")
        state = self._all[name]
        inside = [inner for scope in state.inner for inner in scope.walk()] if name in self._one else []
        jobs = [found for found in (state, *inside) if action_of(found) in allowed]
        if not jobs:
            what = _JOBS.get(action_of(state)) or f"{state.type} state"
            kinds = ", ".join(_JOBS[action] for action in allowed[:-1]) + f" or {_JOBS[allowed[-1]]}"
            raise RunInputError(f"{option} {name}: must be a {kinds}, got a {what}")
        maps = [outer.name for outer in state.around if outer.type == "Map"]
        if maps:
            raise RunInputError(
                f"{option} {name}: is inside the Map {maps[0]}, each iteration of which has a job of its own; "
                "run the Map as a whole"
            )
        return jobs

    def called(self, state: State) -> str:
        """Return what the user calls a state that calls a job."""
        return next((outer.name for outer in state.around if outer.name in self._one), state.name)


def _cut(definition: dict[str, Any], last: State, option: str) -> None:
    """End a definition after a state, without the states that are no longer reached."""
    states = definition["States"]
    if last.name not in _reached(definition):
        raise RunInputError(f"{option} {last.name}: is never reached from {definition.get('StartAt')}")
    body = states[last.name]
    if body.pop("Next", None) is not None:
        body["End"] = True
    kept = _reached(definition)
    definition["States"] = {name: state for name, state in states.items() if name in kept}


def _reached(definition: Mapping[str, Any]) -> set[str]:
    top = read_definition(definition)
    return _closed(
        [top.start], {state.name: [each.target for each in state.transitions] for state in top.states.values()}
    )


def _next(state: State) -> list[str]:
    """Return the states that follow a state, except by an error."""
    return [each.target for each in state.transitions if not each.member.startswith("Catch")]


def _require_given(states: _States, only: str, given: Mapping[str, str]) -> None:
    """Check that the jobs before a state are given.

    Raises:
        RunInputError: If one is not, with what the state reads.
    """
    before = _before(states.top, only)
    jobs = [found for state in before for found in _jobs_in(state) if action_of(found) in _JOBS]
    missing = [job for job in jobs if job.name not in given]
    if not missing:
        return
    for job in missing:  # those that cannot be given say so
        states.jobs_of(
            f"--only {only}: needs the outputs of all jobs before it; --given", states.called(job), _GIVEN, ""
        )
    names = dict.fromkeys(states.called(job) for job in missing)
    reads = _reads(states, states.top.states[only], jobs)
    options = " ".join(f"--given {name}=FOLDER" for name in names)
    raise RunInputError(f"--only {only}: needs the outputs of all jobs before it; add {options}{reads}")


def _before(top: Scope, name: str) -> list[State]:
    """Return the states that can come before a state without an error, in the order of the definition."""
    following = {state.name: _next(state) for state in top.states.values()}
    preceding = {target: [other for other, after in following.items() if target in after] for target in top.states}
    both = _closed([top.start], following) & _closed(preceding[name], preceding)
    return [state for state in top.states.values() if state.name in both - {name}]


def _closed(names: Iterable[str], leads_to: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += leads_to.get(name, [])
    return found


def _jobs_in(state: State) -> Iterator[State]:
    yield state
    for scope in state.inner:
        yield from scope.walk()


def _reads(states: _States, only: State, jobs: list[State]) -> str:
    """Return in words what a state reads, and of which jobs; empty if it is not a job."""
    places = {place: f"{states.called(job)}: {name}" for job in jobs for name, place in _places(job, "Output")}
    found = [
        f"{name} ({places[place]})" if place in places else name
        for job in _jobs_in(only)
        for name, place in _places(job, "Input")
        if name != "code"
    ]
    return f"; {only.name} reads {', '.join(dict.fromkeys(found))}" if found else ""


def _outputs(job: State) -> list[str]:
    """Return the names of a processing job's outputs in S3, as far as they are known."""
    return [name for name, _ in _places(job, "Output")] if action_of(job) == "createProcessingJob" else []


def _places(job: State, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the names of a job's inputs or outputs, each with its place as the definition has it."""
    request = job.payload if isinstance(job.payload, Mapping) else {}
    config = request.get("ProcessingOutputConfig")
    lists = {
        "Input": (request.get("ProcessingInputs"), request.get("InputDataConfig")),
        "Output": (config.get("Outputs") if isinstance(config, Mapping) else None,),
    }
    for items in lists[kind]:
        for item in items if isinstance(items, list) else ():
            name = item.get("InputName") or item.get("ChannelName") or item.get("OutputName")
            source = (item.get("DataSource") or {}).get("S3DataSource") or item.get(f"S3{kind}")
            if isinstance(name, str) and isinstance(source, Mapping):
                yield name, str(source.get("S3Uri") or source.get("S3Uri.$"))


# What the user gives.


def plan_of(template: Mapping[str, Any], part: Part, state_machine: str | None) -> Plan | None:
    """Cut the definition in a template, before anything starts; None if it can be read only when it is deployed.

    Args:
        template: The template.
        part: The part.
        state_machine: The state machine, as the user names it.

    Raises:
        RunInputError: If the part cannot be run.
    """
    machines = {machine.name: machine for machine in machines_of(template)}
    found = machines.get(state_machine or "") or (next(iter(machines.values())) if len(machines) == 1 else None)
    if found is None or not found.body or (state_machine and found.name != state_machine):
        return None
    return plan(found.body, part)


def check_given(part: Part, found: Plan, directory: Path) -> None:
    """Check the folders that are given.

    Args:
        part: The part.
        found: The part, cut.
        directory: The folder that they are relative to.

    Raises:
        RunInputError: If one is not there, or is not what the job writes.
    """
    for name, text in part.given.items():
        if text.startswith("s3://"):
            continue
        option = f"--given {name}={text}"
        folder = source(text, directory)
        try:
            there = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            raise RunInputError(f"{option}: must be a folder or an S3 URI: {error.strerror}") from error
        if not there:
            raise RunInputError(f"{option}: is an empty folder; give the job's outputs")
        outputs = found.outputs.get(name) or []
        wrong = [each for each in there if outputs and each not in outputs]
        missing = [each for each in outputs if not (folder / each).is_dir()]
        problems = [f"the job has no output {each}{did_you_mean(each, outputs)}" for each in wrong]
        problems += [f"there is no folder {each} for its output" for each in missing]
        if problems:
            raise RunInputError(f"{option}: {'; '.join(problems)}; a folder for each output: {', '.join(outputs)}")


def jobs_part(found: Plan, directory: Path, resolve: Callable[[str], str]) -> JobsPart:
    """Return what the jobs need of a plan.

    Args:
        found: The plan.
        directory: The folder that given folders are relative to.
        resolve: Replaces ``${name}`` in S3 URIs.

    Raises:
        MissingRequirementError: If there is no debugger.
    """
    given = {
        state: resolve(text) if text.startswith("s3://") else str(source(text, directory).resolve())
        for state, text in found.given.items()
    }
    return JobsPart(given, found.debugged, *(debuggers() if found.debugged else ()))


def debuggers() -> tuple[str, str]:
    """Return the folder of debugpy, or an empty text and the terminal for pdb.

    Raises:
        MissingRequirementError: If there is neither.
    """
    spec = importlib.util.find_spec("debugpy")
    if spec is not None and spec.origin:
        return str(Path(spec.origin).parent), ""
    if sys.stdin is not None and sys.stdin.isatty():
        return "", os.ttyname(sys.stdin.fileno())
    message = "--debug needs debugpy: pip install debugpy; in a terminal, pdb does without it"
    raise MissingRequirementError(message)
