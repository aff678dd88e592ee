"""A definition in the Amazon States Language, as a tree of states with their transitions.

Reading never fails: malformed parts are left out here, and the rules about structure report them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.values import entries, fields_of

Json = Any
"""Any JSON value."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition from one state to another.

    Attributes:
        member: The member that has it: ``Next``, ``Choices[0].Next``, ``Default``, ``Catch[1].Next``.
        target: The name of the state that it leads to.
        rule: The Choice rule or the catcher that it belongs to; empty for a plain ``Next`` and ``Default``.
    """

    member: str
    target: str
    rule: Mapping[str, Json] = field(default_factory=dict)


@dataclass(eq=False)
class State:
    """A state.

    Attributes:
        name: Its name.
        body: Its fields.
        scope: The scope that it belongs to.
        inner: The scopes inside it: the branches of a Parallel, the item processor of a Map.
    """

    name: str
    body: Mapping[str, Json]
    scope: Scope
    inner: tuple[Scope, ...] = ()

    @cached_property
    def type(self) -> str:
        """Its kind: ``Task``, ``Choice`` and so on."""
        return str(self.body.get("Type", ""))

    @cached_property
    def language(self) -> Language:
        """Its query language."""
        own = self.body.get("QueryLanguage")
        return Language(own) if own in _LANGUAGES else self.scope.language

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Its transitions, in the order in which Step Functions evaluates them."""
        return tuple(_transitions(self.body))

    @property
    def around(self) -> tuple[State, ...]:
        """The states that contain it, outermost first."""
        outer = self.scope.parent
        return () if outer is None else (*outer.around, outer)

    @cached_property
    def resource(self) -> str:
        """The integration of a Task: ``sagemaker:createProcessingJob.sync``; empty if it is not an integration."""
        text = self.body.get("Resource")
        if self.type != "Task" or not isinstance(text, str) or ":states:::" not in text:
            return ""
        return text.split(":states:::", 1)[1]

    @property
    def payload(self) -> Json:
        """The request of a Task: its ``Parameters``, or its ``Arguments`` in JSONata."""
        return self.body.get("Arguments" if self.language is Language.JSONATA else "Parameters")


@dataclass(eq=False, slots=True)
class Scope:
    """States that can lead to each other: a definition, a branch, an item processor.

    Attributes:
        start: The name of the first state; empty if there is none.
        states: The states by name.
        parent: The state that contains them; None for the definition itself.
        member: The member of that state that contains them: ``Branches[0]``, ``ItemProcessor``.
        language: The default query language of its states.
        body: Its fields.
    """

    start: str
    states: dict[str, State]
    parent: State | None
    member: str
    language: Language
    body: Mapping[str, Json]

    def walk(self) -> Iterator[State]:
        """Yield all states, each before those inside it."""
        for state in self.states.values():
            yield state
            for inner in state.inner:
                yield from inner.walk()

    def scopes(self) -> Iterator[Scope]:
        """Yield this scope and all scopes inside it."""
        yield self
        for state in self.states.values():
            for inner in state.inner:
                yield from inner.scopes()


def read_definition(body: Mapping[str, Json]) -> Scope:
    """Parse a definition.

    Args:
        body: The definition, as JSON data.
    """
    top = body.get("QueryLanguage")
    return _scope(body, None, "", Language(top) if top in _LANGUAGES else Language.JSONPATH)


_LANGUAGES = tuple(language.value for language in Language)


def _scope(body: Mapping[str, Json], parent: State | None, member: str, language: Language) -> Scope:
    start = body.get("StartAt")
    scope = Scope(start if isinstance(start, str) else "", {}, parent, member, language, body)
    states = body.get("States")
    for name, fields in states.items() if isinstance(states, Mapping) else ():
        if isinstance(fields, Mapping):
            state = scope.states[str(name)] = State(str(name), fields, scope)
            state.inner = tuple(_inner(state))
    return scope


def _inner(state: State) -> Iterator[Scope]:
    branches = state.body.get("Branches") if state.type == "Parallel" else None
    for at, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, Mapping):
            yield _scope(branch, state, f"Branches[{at}]", state.scope.language)
    for member in ("ItemProcessor", "Iterator") if state.type == "Map" else ():
        processor = state.body.get(member)
        if isinstance(processor, Mapping):
            yield _scope(processor, state, member, state.scope.language)


def _transitions(body: Mapping[str, Json]) -> Iterator[Transition]:
    if body.get("Type") == "Choice":
        for at, choice in enumerate(rules_of(body)):
            if isinstance(choice.get("Next"), str):
                yield Transition(f"Choices[{at}].Next", choice["Next"], choice)
        if isinstance(body.get("Default"), str):
            yield Transition("Default", body["Default"])
    elif isinstance(body.get("Next"), str):
        yield Transition("Next", body["Next"])
    for at, catcher in catchers_of(body):
        if isinstance(catcher.get("Next"), str):
            yield Transition(f"Catch[{at}].Next", catcher["Next"], catcher)


def rules_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rules of a Choice, with an empty one for each that is malformed."""
    choices = body.get("Choices")
    return [rule if isinstance(rule, Mapping) else {} for rule in choices] if isinstance(choices, list) else []


def catchers_of(body: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the catchers of a state, numbered."""
    return entries(body.get("Catch"))


def processor_config(state: State) -> Mapping[str, Any]:
    """Return the ``ProcessorConfig`` of a Map; empty if it has none, and for other states."""
    if state.type != "Map":
        return {}
    processor = fields_of(state.body.get("ItemProcessor", state.body.get("Iterator")))
    return fields_of(processor.get("ProcessorConfig"))


def is_distributed(state: State) -> bool:
    """Return whether the state is a Map whose iterations are executions of their own."""
    return processor_config(state).get("Mode") == "DISTRIBUTED"


def is_inline(state: State) -> bool:
    """Return whether the state is a Map whose iterations are part of the execution."""
    return state.type == "Map" and not is_distributed(state)
