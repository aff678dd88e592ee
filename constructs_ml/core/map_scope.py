"""Gives each Map iteration a unique id in a workflow variable.

Nothing else that Step Functions offers does: ``$$.Map.Item.Index`` names only the innermost of nested Maps, and the
iterations of a distributed Map are executions of their own, with names of their own. A variable is seen by all states of
its iteration, those inside Parallel and inner Maps too, and by no other state.

Source: the Step Functions developer guide, "Passing data between states with variables", section "Variable scope": a
distributed Map does not see the variables outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import EXECUTION_NAME, Expression, Format, Path
from constructs_ml.asl.names import job_part
from constructs_ml.core.app_context import reference
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs import IConstruct

    from constructs_ml.asl.expressions import Language
    from constructs_ml.core.app_context import AppContext
    from constructs_ml.core.execution_inputs import ExecutionInput

SHARED_PLACES = ("ProcessingOutputConfig", "CheckpointConfig", "TransformOutput")
"""The members of requests whose locations iterations would share: elsewhere SageMaker adds the job's name itself."""


@dataclass(frozen=True, slots=True)
class EnclosingMap:
    """A Map that a state is in.

    Attributes:
        name: Its name.
        distributed: Whether its iterations are executions of their own.
        variable: The variable that each of its iterations sets; None if there is none.
        inputs: The fields of the execution's input that it passes to its iterations, if it does.
        language: Its own query language; None for the state machine's.
    """

    name: str
    distributed: bool
    variable: Path | None = None
    inputs: type[ExecutionInput] | None = None
    language: Language | None = None


def register_map(
    app: AppContext,
    construct: IConstruct,
    name: str,
    path: str,
    *,
    distributed: bool,
    inputs: type[ExecutionInput] | None = None,
    language: Language | None = None,
) -> EnclosingMap:
    """Register a Map whose iterations set a variable of their own, unlike the Maps around it and in it.

    Args:
        app: Where it is noted.
        construct: The Map.
        name: Its name.
        path: Its path below its stack.
        distributed: Whether its iterations are executions of their own.
        inputs: The fields of the execution's input that it passes to its iterations, if it does.
        language: Its own query language; None for the state machine's.
    """
    variable = f"$item{job_part(path)}"
    made = app.maps[reference(construct)] = EnclosingMap(name, distributed, Path(variable, variable), inputs, language)
    return made


def iterations_at(app: AppContext, scopes: Sequence[IConstruct]) -> tuple[Path, ...]:
    """The variables that distinguish the iterations that a job in these scopes is part of, the outermost first."""
    return _visible([app.maps[ref] for ref in map(reference, scopes) if ref in app.maps])


def place_faults(app: AppContext, request: Mapping[str, Any], maps: Sequence[EnclosingMap]) -> Iterator[Fault]:
    """Yield the faults of the places in a request that is made inside Maps.

    Args:
        app: Where Maps are noted.
        request: The request.
        maps: The Maps around it, the outermost first.
    """
    visible = _visible(maps)
    known = {found.variable: found.name for found in app.maps.values()}
    for member, value in request.items():
        for location in _locations(value):
            for part in location.parts:
                if part in known and part not in visible:
                    problem = f"names what one iteration of {known[part]} wrote, which only its own states can use"
                    yield Fault(member, problem, f"pass {known[part]}.all_of(...), or return it in the results")
            yield from _shared(member, location, maps)


def _shared(member: str, location: Format, maps: Sequence[EnclosingMap]) -> Iterator[Fault]:
    runtime = {part for part in location.parts if isinstance(part, (Path, Expression))}
    drawn = set(_visible(maps))
    if EXECUTION_NAME not in runtime or runtime - drawn - {EXECUTION_NAME}:
        return
    inner = _inner(maps)
    if inner and inner[0].distributed and inner[0].variable is not None and inner[0].variable not in runtime:
        problem = f"has the execution's name, and {inner[0].name} gives each iteration an execution of its own"
        yield Fault(member, problem, "pass the location in its item_selector, and define its jobs in its scope")
        return
    if member not in SHARED_PLACES:
        return
    for around in inner:
        if not around.distributed and around.variable not in runtime:
            problem = f"is the same place in all iterations of {around.name}"
            fix = f"make {around.name} an ml.Map and define the job in its scope, or name a destination of each item's"
            yield Fault(member, problem, fix)


def _inner(maps: Sequence[EnclosingMap]) -> list[EnclosingMap]:
    """The Maps from the innermost distributed one on: those that share an execution."""
    start = max((at for at, around in enumerate(maps) if around.distributed), default=0)
    return list(maps[start:])


def _visible(maps: Sequence[EnclosingMap]) -> tuple[Path, ...]:
    return tuple(around.variable for around in _inner(maps) if around.variable is not None)


def _locations(value: Any) -> Iterator[Format]:  # noqa: ANN401 - a part of a request
    if isinstance(value, Format):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _locations(item)
    elif isinstance(value, list):
        for item in value:
            yield from _locations(item)
