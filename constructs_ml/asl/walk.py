"""The objects that make up a definition, each with the fields that it may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl import schema as fields
from constructs_ml.asl.machine import per_machine_cache
from constructs_ml.asl.values import entries, fields_of, is_later
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from constructs_ml.asl.definition import Scope, State
    from constructs_ml.asl.expressions import Language
    from constructs_ml.asl.machine import Machine
    from constructs_ml.asl.schema import Field, Fields

Json = Any
CHOICE_RULE = "a Choice rule"


@dataclass(frozen=True, slots=True)
class Part:
    """An object with fields of its own.

    Attributes:
        what: Its kind, in messages: ``a Task state``, ``a retrier``.
        owner: The name of the state that contains it; empty for the definition itself.
        member: The path to it in that state; empty for the state itself.
        body: The fields that it has.
        fields: The fields that it may have.
        language: Its query language; None if it is uncertain.
    """

    what: str
    owner: str
    member: str
    body: Mapping[str, Json]
    fields: Fields
    language: Language | None

    @property
    def is_state(self) -> bool:
        """True for a whole state."""
        return bool(self.owner) and not self.member

    def is_operand(self, name: str) -> bool:
        """Return whether a field belongs to the comparison of a Choice rule in JSONPath."""
        return self.what == CHOICE_RULE and name not in {"Next", "Assign", "Output", "Condition"}

    def path(self, name: str) -> str:
        """Return the path to a field from the state."""
        return f"{self.member}.{name}" if self.member else name

    @property
    def unknown(self) -> tuple[str, ...]:
        """The fields that it has but may not have."""
        return tuple(name for name in self.body if name not in self.fields and name != "Comment" and not is_later(name))

    @property
    def known(self) -> Iterator[tuple[str, Field, Json]]:
        """The fields that it has and may have."""
        return ((name, self.fields[name], value) for name, value in self.body.items() if name in self.fields)

    @property
    def foreign(self) -> tuple[str, ...]:
        """The fields that belong to the other query language."""
        if self.language is None:
            return ()
        return tuple(name for name, field, _ in self.known if field.language not in {None, self.language})

    def meant(self, *names: str) -> bool:
        """Return whether an unknown field is probably a misspelling of one of these."""
        return any(set(nearest(name, self.fields)) & set(names) for name in self.unknown)


@per_machine_cache
def parts_of(machine: Machine) -> tuple[Part, ...]:
    """Return all parts of a definition."""
    return tuple(_of_machine(machine))


@per_machine_cache
def state_parts(machine: Machine) -> tuple[tuple[State, Part], ...]:
    """Return each state whose type is known, as a part."""
    return tuple((state, _of_state(state)) for state in machine.states if state.type in fields.STATES)


def language_of(state: State) -> Language | None:
    """Return the query language of a state; None if an outer state overrides that of the definition."""
    if state.body.get("QueryLanguage") is None:
        for outer in state.around:
            if outer.language is not outer.scope.language:
                return None
    return state.language


def _of_machine(machine: Machine) -> Iterator[Part]:
    if machine.body:
        yield Part("a definition", "", "", machine.body, fields.TOP, machine.definition.language)
    for state, part in state_parts(machine):
        yield part
        for inner in state.inner:
            yield _of_scope(inner)
        if state.type in {"Task", "Parallel", "Map"}:
            yield from _listed(part, "Retry", "a retrier", fields.RETRIER)
            yield from _listed(part, "Catch", "a catcher", fields.CATCHER)
        if state.type == "Task":
            yield from _within(part, "", "Credentials", fields.CREDENTIALS)
        if state.type == "Choice":
            yield from _listed(part, "Choices", CHOICE_RULE, fields.CHOICE_RULE_FIELDS)
        if state.type == "Map":
            yield from _of_map(part)


def _of_state(state: State) -> Part:
    return Part(f"a {state.type} state", state.name, "", state.body, fields.STATES[state.type], language_of(state))


def _of_scope(scope: Scope) -> Part:
    branch = scope.member.startswith("Branches")
    known, what = (fields.BRANCH, "a branch") if branch else (fields.PROCESSOR, f"an {scope.member}")
    return Part(what, scope.parent.name if scope.parent else "", scope.member, scope.body, known, None)


def _listed(part: Part, name: str, what: str, known: Fields) -> Iterator[Part]:
    for at, body in entries(part.body.get(name)):
        yield Part(what, part.owner, f"{name}[{at}]", body, known, part.language)


def _of_map(part: Part) -> Iterator[Part]:
    for processor in ("ItemProcessor", "Iterator"):
        yield from _within(part, processor, "ProcessorConfig", fields.PROCESSOR_CONFIG)
    yield from _within(part, "", "ItemReader", fields.ITEM_READER)
    yield from _within(part, "ItemReader", "ReaderConfig", fields.READER_CONFIG)
    yield from _within(part, "", "ResultWriter", fields.RESULT_WRITER)
    yield from _within(part, "ResultWriter", "WriterConfig", fields.WRITER_CONFIG)
    yield from _within(part, "", "ItemBatcher", fields.ITEM_BATCHER)


def _within(part: Part, parent: str, name: str, known: Fields) -> Iterator[Part]:
    around = fields_of(part.body.get(parent)) if parent else part.body
    body = around.get(name)
    if isinstance(body, Mapping):
        article = "" if name.endswith("s") else "an " if name[0] in "AEIO" else "a "
        yield Part(f"{article}{name}", part.owner, f"{parent}.{name}".lstrip("."), body, known, part.language)
