"""Results of jobs outside a Map that are used inside it, where its iterations do not have them.

An iteration's input is its item, or what ``item_selector`` makes of it: of the Map's own input it has nothing else. A path
such as ``$.Train.ModelArtifacts`` in an iteration then ends the execution with ``States.Runtime``. A use is a fault only if it
is certain that the iteration lacks the path: a job outside handed that path out, and nothing that the iteration gets or does
may have put a member of that name there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.inputs import VARIABLE
from constructs_ml.asl.literals import jsonata_name, member_path
from constructs_ml.asl.written_members import as_jsonpath, is_jsonata_state, may_write, root_of, states_before
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    State = Mapping[str, Any]
    """A state of ASL."""

_OF_OTHER_DATA = (
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "Retry",
    "Catch",
    "Branches",
    "ItemProcessor",
    "Iterator",
)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A path that a job handed out and that a Map does not hand in."""

    job: str
    root: str
    map_name: str
    fix: str


@dataclass(frozen=True, slots=True)
class _Level:
    """The states that share one input: those of the state machine, of a Parallel's branch or of an iteration.

    Attributes:
        states: The states, by name.
        visible: The paths that jobs before it handed out and that it has, with the jobs' names.
        lost: The paths that a Map around it does not hand in.
        around: The states before it, up to the nearest Map around it.
    """

    states: Mapping[str, State]
    visible: Mapping[str, str] = field(default_factory=dict)
    lost: Mapping[str, _Lost] = field(default_factory=dict)
    around: tuple[State, ...] = ()


def outer_result_faults(
    states: Mapping[str, State], handed_out: Mapping[str, list[str]], language: Language | None
) -> Iterator[Fault]:
    """Yield the faults of states in Maps that use results of jobs outside, which their iterations do not have.

    Args:
        states: The states of the state machine in ASL, by name.
        handed_out: The paths that each job handed out, by the job's name.
        language: The query language of the state machine; None for JSONPath.
    """
    yield from _Search(handed_out, language or Language.JSONPATH).faults(_Level(states))


@dataclass(frozen=True, slots=True)
class _Search:
    handed_out: Mapping[str, list[str]]
    language: Language

    def faults(self, level: _Level) -> Iterator[Fault]:
        for name, state in level.states.items():
            before = states_before(level.states, name)
            earlier = (*level.around, *(level.states[each] for each in before))
            visible = {**level.visible, **{path: job for job in before for path in self.handed_out.get(job, ())}}
            lost = {
                path: found
                for path, found in level.lost.items()
                if not any(may_write(other, found.root, self.language) for other in earlier)
            }
            yield from _uses(name, state, lost)
            for branch in state.get("Branches", ()):
                yield from self.faults(_Level(branch["States"], visible, lost, earlier))
            if state["Type"] == "Map":
                iteration = (state.get("ItemProcessor") or state["Iterator"])["States"]
                kept, gone = self._across(name, state, visible, earlier)
                yield from self.faults(_Level(iteration, kept, {**lost, **gone}))

    def _across(
        self, name: str, state: State, visible: Mapping[str, str], around: tuple[State, ...]
    ) -> tuple[dict[str, str], dict[str, _Lost]]:
        """The paths that a Map hands in, and those that it does not."""
        kept, gone = {}, {}
        for path, job in visible.items():
            root = root_of(path)
            if root is None or self._may_have(state, root, around):
                kept[path] = job
            else:
                gone[path] = _Lost(job, root, name, self._fix(name, state, root))
        return kept, gone

    def _may_have(self, state: State, root: str, around: tuple[State, ...]) -> bool:
        """Return whether an iteration's input may have a member of that name."""
        batch = state.get("ItemBatcher", {}).get("BatchInput", {})
        if not isinstance(batch, dict) or {root, f"{root}.$"} & set(batch):
            return True
        selector = _selector(state)
        if selector is not None:
            return not isinstance(selector, dict) or bool({root, f"{root}.$"} & set(selector))
        if "ItemReader" in state:
            return False
        shown, path = state.get("InputPath") or "$", state.get("ItemsPath") or state.get("Items") or "$"
        if not isinstance(path, str):
            return True
        items = root_of(path.removeprefix("{%").removesuffix("%}").strip() if shown == "$" else shown)
        # Items that another state made may have whatever it read.
        return items is None or any(may_write(other, items, self.language) for other in around)

    def _fix(self, name: str, state: State, root: str) -> str:
        jsonata = is_jsonata_state(state, self.language)
        value = (
            f'"{{% $states.input.{jsonata_name(root)} %}}"'
            if jsonata
            else f'sfn.JsonPath.object_at("{member_path(root)}")'
        )
        if _selector(state) is not None:
            return f'add "{root}": {value} to the item_selector of {name}'
        item = '"{% $states.context.Map.Item.Value %}"' if jsonata else 'sfn.JsonPath.object_at("$$.Map.Item.Value")'
        where = "$states.input.item" if jsonata else "$.item"
        return f'pass item_selector={{"item": {item}, "{root}": {value}}} to {name}, which makes its item {where}'


def _selector(state: State) -> Any:  # noqa: ANN401 - JSON
    """The selector of a Map's items; None if it passes them on as they are."""
    selector = state.get("ItemSelector", state.get("Parameters"))
    if isinstance(selector, dict) and {VARIABLE, f"{VARIABLE}.$"} & set(selector):
        # Typed inputs are beside the item, which the first state of the iteration takes out again.
        selector = selector.get("item", selector.get("item.$"))
        raw = selector in {"$$.Map.Item.Value", "{% $states.context.Map.Item.Value %}"} if _is_text(selector) else False
        return None if raw else selector
    return selector


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _uses(name: str, state: State, lost: Mapping[str, _Lost]) -> Iterator[Fault]:
    if not lost or state.get("InputPath", "$") != "$":
        return
    fields = {key: value for key, value in state.items() if key not in _OF_OTHER_DATA}
    for member, text in _read(fields, ""):
        plain = as_jsonpath(text)
        for path, found in lost.items():
            if re.search(rf"(?<![\w$.]){re.escape(as_jsonpath(path))}(?!\w)", plain):
                problem = f"reads {path}, a result of {found.job}, which the iterations of {found.map_name} do not have"
                yield Fault(f"{name}: {member}", problem, found.fix)
                break


def _read(value: Any, member: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Yield what is evaluated in a state, with its member."""
    if isinstance(value, dict):
        for key, item in value.items():
            inner = key.removesuffix(".$")
            dotted = inner if member in {"", "Parameters", "Arguments"} else f"{member}.{inner}"
            if isinstance(item, str) and (key.endswith((".$", "Path")) or key == "Variable" or "{%" in item):
                yield dotted, item
            elif not isinstance(item, str):
                yield from _read(item, dotted)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            if isinstance(item, str) and "{%" in item:
                yield f"{member}[{at}]", item
            else:
                yield from _read(item, f"{member}[{at}]")
