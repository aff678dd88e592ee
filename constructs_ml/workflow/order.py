"""The order of jobs from the data that they read, as the definition of a workflow.

The states of jobs are written once before their order is known, and what each reads and writes is taken from there
(:mod:`constructs_ml.asl.data_use`). :mod:`constructs_ml.asl.nesting` makes chains and Parallels of the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_ml.asl.data_use import DataUse, key_of_result, use_of, use_of_request
from constructs_ml.asl.expressions import Language, render
from constructs_ml.asl.jsonpath import read_path
from constructs_ml.asl.names import digest
from constructs_ml.asl.nesting import Branches, Nesting, find_cycle, jobs_in, nest
from constructs_ml.core.app_context import reference
from constructs_ml.core.context import context_of
from constructs_ml.core.query_language import language_of
from constructs_ml.core.rendering import all_states, rendering
from constructs_ml.core.task import SageMakerTask
from constructs_ml.errors import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_ml.core.execution_inputs import ExecutionInput
    from constructs_ml.core.native_task import NativeTask

S = TypeVar("S", bound=sfn.State)

LONGEST_NAME = 80
"""The characters that the name of a state may have."""
MERGED = "{% $merge($states.input) %}"
"""The output of the Pass after a Parallel: what the branches were given, and the results of all of them beside it.

The Parallel itself stays in the machine's language, as engines differ in which language the states inside one of another have.
"""


@dataclass(frozen=True)
class Step:
    """A job whose place in the order is looked for.

    Attributes:
        state: Its state.
        name: The state's name.
        use: The data that it uses.
        key: The member that its result is under; empty if it passes on none.
        handlers: The states that its Catches lead to.
        continues: Whether one of these ends without failing.
    """

    state: sfn.State
    name: str
    use: DataUse
    key: str
    handlers: tuple[sfn.State, ...] = ()
    continues: bool = False


def definition_of(
    scope: Construct,
    construct_id: str,
    jobs: Sequence[sfn.State],
    after: Mapping[S, Sequence[sfn.State]],
    *,
    query_language: sfn.QueryLanguage | None,
    inputs: type[ExecutionInput] | None,
) -> sfn.IChainable:
    """Return the definition that runs each job once, after those whose data it reads.

    Args:
        scope: The construct that the workflow is a part of.
        construct_id: The workflow's id.
        jobs: The jobs.
        after: The jobs that have to end before others though these read nothing of them.
        query_language: The workflow's query language.
        inputs: The fields of the execution's input, if they are declared.

    Raises:
        InvalidPropsError: If there is no such order, or a state cannot be a part of one.
    """
    faults = Faults(context_of(scope).path_of(construct_id))
    check_states(jobs, faults)
    faults.raise_if_any()
    with rendering(language_of(query_language), inputs) as whole:
        bodies = [job.to_state_json(query_language) for job in jobs]
    steps = _steps(jobs, bodies, whole.language or Language.JSONPATH, faults)
    faults.found += _key_faults(steps)
    by_data = _reasons(steps)
    reasons = _asked(steps, after, faults) | by_data
    faults.found += _unknown_faults(scope, steps)
    before = [{one for one in range(len(steps)) if (one, other) in reasons} for other in range(len(steps))]
    if cycle := find_cycle(before):
        told = ", ".join(reasons[one, other] for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        faults.add("jobs", f"wait for each other: {told}", "leave one of these out")
    faults.found += _handler_faults(steps, by_data)
    faults.raise_if_any()
    nesting = nest(before)
    faults.found += _shared_faults(steps, _scopes(nesting, {at for at, step in enumerate(steps) if step.continues}))
    faults.raise_if_any()
    return _Definition(Construct(scope, f"{construct_id}Order"), steps).of(nesting)


def check_states(jobs: Any, faults: Faults) -> None:  # noqa: ANN401 - whatever a user passes
    """Note the items that cannot be jobs of an order.

    Args:
        jobs: The value of the prop.
        faults: The collector of faults.
    """
    if not isinstance(jobs, (list, tuple)) or not jobs:
        faults.add("jobs", f"must be a list of at least one job, got {jobs!r}", "pass jobs=[prepare, train]")
        return
    seen: set[str] = set()
    for at, job in enumerate(jobs):
        if not isinstance(job, sfn.State) or not hasattr(job, "next"):
            fix = "pass jobs and other steps one by one, or write the order yourself and pass definition="
            faults.add(f"jobs[{at}]", f"must be a state that others can follow, got {type(job).__name__}", fix)
        elif reference(job) in seen:
            faults.add(f"jobs[{at}]", f"is {job.node.id}, which is in jobs already", "leave it out")
        elif isinstance(job, SageMakerTask) and (job.is_part or job.rendered):
            whole = "a part of another state" if job.is_part else "in another state machine"
            faults.add(f"jobs[{at}]", f"is {job.node.id}, which is {whole}", "define a job for each workflow")
        else:
            seen.add(reference(job))


def _steps(
    jobs: Sequence[sfn.State], bodies: Sequence[Mapping[str, Any]], whole: Language, faults: Faults
) -> list[Step]:
    steps = []
    known = set(map(reference, jobs))
    for job, body in zip(jobs, bodies, strict=True):
        name = job.state_id
        key = _key(job, body, Language(body.get("QueryLanguage", whole.value)))
        if "Next" in body:
            faults.add("jobs", f"have {name}, which leads to {body['Next']} already", "leave out its next(...)")
        if key is None:
            problem = f"have {name}, which does not pass on what the others have added to its input"
            fix = "leave out its output_path, or pass a result_path or, in JSONata, an output of $merge([$states.input, ...])"
            faults.add("jobs", problem, fix)
        if "Assign" in body:
            problem = f"have {name}, which assigns variables, and other branches do not see these"
            faults.add("jobs", problem, "pass it on in the result")
        step = Step(job, name, use_of(name, body, whole), key or "")
        steps.append(step if "Catch" not in body else _caught(step, known, faults))
    return steps


def _key(job: sfn.State, body: Mapping[str, Any], language: Language) -> str | None:
    """The member that the result of a job is under; None if the job does not pass on its input."""
    if not isinstance(job, SageMakerTask):
        return getattr(job, "result_key", "") or key_of_result(body, language)
    task = cast("Any", job)  # the plan of its result and its props are the library's own
    plan, props = task._result, task._props  # noqa: SLF001 - likewise
    if props.get("state_output") is not None or props.get("output_path") not in (None, "$"):
        return key_of_result(body, language)
    if plan.discarded:
        return ""
    if plan.at is None:
        return str(plan.name)
    steps = read_path(plan.at).steps
    return str(steps[0]) if steps else None


def _caught(step: Step, known: set[str], faults: Faults) -> Step:
    reached = sfn.State.find_reachable_states(step.state, include_error_handlers=True)
    handlers = [state for state in reached if state is not step.state]
    for state in handlers:
        if reference(state) in known:
            problem = f"have {step.name}, whose Catch leads to {state.node.id}, which is one of them"
            faults.add("jobs", problem, "give it a state of its own")
    ends = sfn.State.find_reachable_end_states(step.state, include_error_handlers=True)
    continues = any(not isinstance(state, sfn.Fail) for state in ends if state is not step.state)
    return Step(step.state, step.name, step.use, step.key, tuple(handlers), continues)


def _key_faults(steps: Sequence[Step]) -> Iterator[Fault]:
    owners: dict[str, Step] = {}
    for step in steps:
        if step.key and (owner := owners.setdefault(step.key, step)) is not step:
            problem = f"have {owner.name} and {step.name}, which both put their results under {step.key!r}"
            yield Fault("jobs", problem, "give one of them another result_path or state_name")


def _reasons(steps: Sequence[Step]) -> dict[tuple[int, int], str]:
    """The reasons for which the data of a job has to be there before another, by their numbers."""
    reasons: dict[tuple[int, int], str] = {}
    for at, reader in enumerate(steps):
        for other, writer in enumerate(steps):
            if at == other:
                continue
            if writer.key and writer.key in reader.use.members:
                reasons[other, at] = f"{reader.name} reads the result of {writer.name}"
            elif reader.use.reads(writer.use):
                reasons[other, at] = f"{reader.name} reads what {writer.name} writes"
    return reasons


def _asked(steps: Sequence[Step], after: Mapping[S, Sequence[sfn.State]], faults: Faults) -> dict[tuple[int, int], str]:
    """The order that the user asks for, likewise."""
    if not isinstance(after, Mapping) or not all(isinstance(firsts, (list, tuple)) for firsts in after.values()):
        faults.add("after", f"must be lists of jobs by jobs, got {after!r}", "pass after={deploy: [evaluate]}")
        return {}
    numbers = {reference(step.state): at for at, step in enumerate(steps)}
    asked: dict[tuple[int, int], str] = {}
    for last, firsts in after.items():
        states = [last, *firsts]
        unknown = [state for state in states if not isinstance(state, sfn.State) or reference(state) not in numbers]
        for state in unknown:
            shown = state.node.id if isinstance(state, sfn.State) else repr(state)
            faults.add("after", f"names {shown}, which is not in jobs", f"add {shown} to them")
        for state in firsts if not unknown else ():
            pair = numbers[reference(state)], numbers[reference(last)]
            asked[pair] = f"{steps[pair[1]].name} is after {steps[pair[0]].name}"
    return asked


def _unknown_faults(scope: Construct, steps: Sequence[Step]) -> Iterator[Fault]:
    """The faults of jobs that read what states write that are not among them."""
    around = [step.state for step in steps if isinstance(step.state, (sfn.Map, sfn.DistributedMap, sfn.Parallel))]
    inside = {reference(step.state) for step in steps}
    inside |= {reference(state) for outer in around for state in all_states(outer)}
    keys = {step.key for step in steps}
    for call in context_of(scope).of_stack.calls:
        if call.is_part or reference(call) in inside or not isinstance(call, SageMakerTask):
            continue
        places = {place for place in _places(call) if "$$.Execution." in place}
        places -= {place for step in steps for place in step.use.places}
        plan = cast("Any", call)._result  # noqa: SLF001 - of this library
        key = plan.name if plan.referred and plan.at is None and plan.name not in keys else None
        for step in steps:
            name, told = call.node.id, ""
            if any(map(step.use.reads_place, places)):
                told = f"what {name} writes"
            elif key in step.use.members:
                told = f"the result of {name}"
            if told:
                yield Fault("jobs", f"have {step.name}, which reads {told}, but not {name}", f"add {name} to them")


def _places(call: NativeTask) -> set[str]:
    """The places that a state writes to, without being written itself."""
    for language in Language:
        try:
            return use_of_request(render(call.request, language), language).places
        except ValueError:
            continue
    return set()


def _handler_faults(steps: Sequence[Step], reasons: Iterable[tuple[int, int]]) -> Iterator[Fault]:
    for first, last in reasons:
        if steps[first].continues:
            problem = f"have {steps[last].name}, which would run without the data of {steps[first].name}"
            yield Fault("jobs", problem, f"end what the Catch of {steps[first].name} leads to with an sfn.Fail")


def _scopes(nesting: Nesting, apart: set[int], scope: tuple[int, ...] = ()) -> dict[int, tuple[int, ...]]:
    """The branch that each job is in.

    Args:
        nesting: The nesting.
        apart: The jobs that have a branch of their own if another part follows.
        scope: The branch that all of it is in.
    """
    if isinstance(nesting, int):
        return {nesting: scope}
    found: dict[int, tuple[int, ...]] = {}
    last = len(nesting.parts) - 1
    for at, part in enumerate(nesting.parts):
        alone = isinstance(nesting, Branches) or isinstance(part, Branches) or (part in apart and at != last)
        found |= _scopes(part, apart, (*scope, at) if alone else scope)
    return found


def _shared_faults(steps: Sequence[Step], scopes: Mapping[int, tuple[int, ...]]) -> Iterator[Fault]:
    owners: dict[str, int] = {}
    for at, step in enumerate(steps):
        for state in step.handlers:
            other = owners.setdefault(reference(state), at)
            if scopes[other] != scopes[at]:
                problem = (
                    f"have {steps[other].name} and {step.name}, which run in different branches and both lead to "
                    f"{state.node.id} by their Catches"
                )
                yield Fault("jobs", problem, "give each a state of its own")


class _Definition:
    """Makes states of a nesting."""

    def __init__(self, scope: Construct, steps: Sequence[Step]) -> None:
        self._scope, self._steps = scope, steps
        self._taken = {step.name for step in steps}

    def of(self, nesting: Nesting) -> sfn.IChainable:
        if isinstance(nesting, int):
            return cast("sfn.IChainable", self._steps[nesting].state)
        if isinstance(nesting, Branches):
            return self._parallel(nesting)
        *parts, last = nesting.parts
        made = [*map(self._followed, parts), self.of(last)]
        chain = sfn.Chain.start(made[0])
        for part in made[1:]:
            chain = chain.next(part)
        return chain

    def _followed(self, nesting: Nesting) -> sfn.IChainable:
        """A part with what follows it, also after an error that a Catch of it has handled."""
        if not isinstance(nesting, int) or not self._steps[nesting].continues:
            return self.of(nesting)
        step = self._steps[nesting]
        given = sfn.Pass(self._scope, self._named(f"{step.name}: input"), comment="What the states after it are given")
        branches = [cast("sfn.IChainable", step.state), given]
        return self._made(f"{step.name}: handled", "Continues after an error that was handled", branches)

    def _parallel(self, nesting: Branches) -> sfn.IChainable:
        # No other Parallel has these two jobs in branches of its own: its name is its own, whatever else is added.
        first, second, *_ = sorted(min(jobs_in(part)) for part in nesting.parts)
        name = f"{self._steps[first].name} and {self._steps[second].name}"
        branches = [self.of(part) for part in sorted(nesting.parts, key=lambda part: min(jobs_in(part)))]
        return self._made(name, "Runs side by side what needs nothing of each other", branches)

    def _made(self, name: str, comment: str, branches: Sequence[sfn.IChainable]) -> sfn.IChainable:
        parallel = sfn.Parallel(self._scope, self._named(name), comment=comment).branch(*branches)
        merged = sfn.Pass.jsonata(self._scope, self._named(f"{name}: results"), outputs=MERGED)
        return parallel.next(merged)

    def _named(self, name: str) -> str:
        """A name that no other state has."""
        if len(name) > LONGEST_NAME or name in self._taken:
            name = f"{name[: LONGEST_NAME - 7]} {digest(name, 6)}"
        self._taken.add(name)
        return name
