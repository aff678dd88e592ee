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
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    State = Mapping[str, Any]
    """A state of ASL."""

_ROOT = re.compile(r"\$(?:\.(?P<name>[^.\[\s]+)|\[['\"](?P<quoted>[^'\"]*)['\"]\])(?:[.\[].*)?$")
_QUOTED_IN_JSONATA = re.compile(r"\.`([^`]*)`")
_MERGED = re.compile(r"\{% \$merge\(\[\$states\.input, \{\"(?P<name>[^\"]*)\": ")
_ITEM_AS_OBJECT = re.compile(r"\{% \$type\(\$states\.input(\.item)?\) = 'object' \? ")
_WITH_RESULT = ("Task", "Parallel", "Map")
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
            before = _before(level.states, name)
            earlier = (*level.around, *(level.states[each] for each in before))
            visible = {**level.visible, **{path: job for job in before for path in self.handed_out.get(job, ())}}
            lost = {
                path: found
                for path, found in level.lost.items()
                if not any(self._may_write(other, found.root) for other in earlier)
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
            root = _root(path)
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
        items = _root(path.removeprefix("{%").removesuffix("%}").strip() if shown == "$" else shown)
        # Items that another state made may have whatever it read.
        return items is None or any(self._may_write(other, items) for other in around)

    def _may_write(self, state: State, root: str) -> bool:
        """Return whether later states may find a member of that name because of this state."""
        if any("Output" in each for each in state.get("Catch", ())):
            return True
        if self._is_jsonata(state):
            return _may_write_in_jsonata(state, root)
        if {state.get("InputPath", "$"), state.get("OutputPath", "$")} != {"$"}:
            return True
        if state["Type"] not in _WITH_RESULT and not {"Result", "Parameters"} & set(state):
            return False
        place = state.get("ResultPath", "$")
        return place is not None and _root(str(place)) in {root, None}

    def _is_jsonata(self, state: State) -> bool:
        return state.get("QueryLanguage", self.language.value) == Language.JSONATA.value

    def _fix(self, name: str, state: State, root: str) -> str:
        jsonata = self._is_jsonata(state)
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


def _before(states: Mapping[str, State], name: str) -> list[str]:
    """Return the states from which a state can be reached."""
    leads_to = {
        each: {
            target
            for part in (state, *state.get("Choices", ()), *state.get("Catch", ()))
            for target in (part.get("Next"), part.get("Default"))
        }
        for each, state in states.items()
    }
    found: list[str] = []
    pending = [name]
    while pending:
        target = pending.pop()
        new = [each for each in states if target in leads_to[each] and each not in found]
        found += new
        pending += new
    return found


def _selector(state: State) -> Any:  # noqa: ANN401 - JSON
    """What a Map makes of its items; None if it hands them in as they are."""
    selector = state.get("ItemSelector", state.get("Parameters"))
    if isinstance(selector, dict) and {VARIABLE, f"{VARIABLE}.$"} & set(selector):
        # Typed inputs are beside the item, which the first state of the iteration takes out again.
        selector = selector.get("item", selector.get("item.$"))
        raw = selector in {"$$.Map.Item.Value", "{% $states.context.Map.Item.Value %}"} if _is_text(selector) else False
        return None if raw else selector
    return selector


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _may_write_in_jsonata(state: State, root: str) -> bool:
    output = state.get("Output")
    if output is None:
        return state["Type"] in _WITH_RESULT or any("Output" in rule for rule in state.get("Choices", ()))
    if not isinstance(output, str):
        return True
    if _ITEM_AS_OBJECT.match(output):
        return False
    merged = _MERGED.match(output)
    return merged is None or merged["name"] == root


def _root(path: str) -> str | None:
    """Return the first name of a path into the state's input; None if it has none."""
    found = _ROOT.match(_in_jsonpath(path))
    return None if found is None else found["name"] or found["quoted"]


def _in_jsonpath(text: str) -> str:
    """Return a text in which paths into the state's input are as in JSONPath."""
    return _QUOTED_IN_JSONATA.sub(r"['\1']", text.replace("$states.input", "$"))


def _uses(name: str, state: State, lost: Mapping[str, _Lost]) -> Iterator[Fault]:
    if not lost or state.get("InputPath", "$") != "$":
        return
    fields = {key: value for key, value in state.items() if key not in _OF_OTHER_DATA}
    for member, text in _read(fields, ""):
        plain = _in_jsonpath(text)
        for path, found in lost.items():
            if re.search(rf"(?<![\w$.]){re.escape(_in_jsonpath(path))}(?!\w)", plain):
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
