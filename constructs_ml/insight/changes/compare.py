"""The comparison of two versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import UnusableInputError
from constructs_ml.insight.changes.canonical import canonical
from constructs_ml.insight.changes.choices import changes_of_rules
from constructs_ml.insight.changes.events import changes_of_events
from constructs_ml.insight.changes.handlers import changes_of_catches, changes_of_retries
from constructs_ml.insight.changes.kinds import ABSENT, Kind
from constructs_ml.insight.changes.members import changes_between, changes_of_members
from constructs_ml.insight.changes.model import Change, Count, Differences
from constructs_ml.insight.changes.others import counts_of_others
from constructs_ml.insight.changes.pairs import pair_states
from constructs_ml.insight.changes.permissions import changes_of_permissions
from constructs_ml.insight.changes.places import Ways, changes_of_places
from constructs_ml.insight.changes.resources import Side, paired
from constructs_ml.insight.changes.versions import Version, read_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_ml.asl.machine import Machine
    from constructs_ml.insight.changes.pairs import Pairs

Json = Any
_DEFINITION = ("Definition", "DefinitionString", "DefinitionSubstitutions", "DefinitionS3Location", "DefinitionUri")
_TOLD_ELSEWHERE = {*_DEFINITION, "RoleArn", "Role", "Policies", "Tags", "StateMachineName", "Name"}
_OF_MACHINE = {"StateMachineType": "STANDARD", "Type": "STANDARD"}
_OF_DEFINITION = {"StartAt", "States", "QueryLanguage", "Version"}


def diff(old: Version | Mapping[str, Json] | str | Path, new: Version | Mapping[str, Json] | str | Path) -> Differences:
    """Compare two versions of workflows.

    Each is a template or a definition, as data or as a file (JSON or YAML), or the folder of an assembly, ``cdk.out``. Of a
    definition and a template with one state machine, the definitions are compared.

    ::

        before = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
        after = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 10, "End": True}}}
        assert [change.words for change in ml.insight.diff(before, after).changes] == ["Wait: Seconds 5 -> 10"]

    Args:
        old: The old version.
        new: The new version.

    Returns:
        The differences; empty, and false, if there are none.

    Raises:
        UnreadableFileError: If a file cannot be read, or is neither.
        UnusableInputError: If the data are neither, or a definition would have to be compared with several state machines.
    """
    mine, theirs = read_version(old), read_version(new)
    if mine.is_definition or theirs.is_definition:
        return _of_definitions(mine, theirs)
    found = _Found()
    for name, one, other in _templates(mine, theirs):
        found.add(name, *paired(Side(one, mine.paths.get(name, {})), Side(other, theirs.paths.get(name, {}))))
    return found.differences()


def _templates(old: Version, new: Version) -> Iterator[tuple[str, Mapping[str, Json], Mapping[str, Json]]]:
    """Yield the templates of both versions: those of the same stack, or the only ones."""
    if len(old.templates) == len(new.templates) == 1:
        ((name, one),), ((_, other),) = old.templates.items(), new.templates.items()
        yield name, one, other
        return
    for name in [*new.templates, *(name for name in old.templates if name not in new.templates)]:
        yield name, old.templates.get(name, {}), new.templates.get(name, {})


def _of_definitions(old: Version, new: Version) -> Differences:
    """Compare the only definitions of two versions."""
    one, other = _only_machine(old), _only_machine(new)
    return Differences(workflows=tuple(_of_bodies(one, other, other.name or one.name)))


def _only_machine(version: Version) -> Machine:
    machines = [machine for template in version.templates.values() for machine in machines_of(template)]
    if len(machines) != 1:
        raise UnusableInputError(
            f"a definition is compared with the only state machine of a template, and this one has {len(machines)}; "
            "name a definition or two templates"
        )
    return machines[0]


@dataclass
class _Found:
    """The differences of all templates."""

    workflows: list[Change] = field(default_factory=list)
    permissions: list[Change] = field(default_factory=list)
    events: list[Change] = field(default_factory=list)
    others: dict[str, Count] = field(default_factory=dict)

    def add(self, _stack: str, old: Side, new: Side) -> None:
        """Add those of one template."""
        self.workflows += _of_machines(old, new)
        self.permissions += changes_of_permissions(old, new)
        self.events += changes_of_events(old, new)
        for kind, count in counts_of_others(old, new).items():
            known = self.others.get(kind, Count())
            self.others[kind] = Count(
                known.added + count.added, known.removed + count.removed, known.changed + count.changed
            )

    def differences(self) -> Differences:
        """Return all of them."""
        return Differences(tuple(self.workflows), tuple(self.permissions), tuple(self.events), self.others)


def _of_machines(old: Side, new: Side) -> Iterator[Change]:
    mine = {machine.name: machine for machine in machines_of(old.template)}
    theirs = {machine.name: machine for machine in machines_of(new.template)}
    for name in [*theirs, *(name for name in mine if name not in theirs)]:
        subject = (new if name in theirs else old).display(name)
        if name not in mine or name not in theirs:
            was, now = (
                [state.name for state in some[name].states] if name in some else ABSENT for some in (mine, theirs)
            )
            yield Change(Kind.MACHINE, subject, old=was, new=now)
            continue
        before, after = (
            {**_OF_MACHINE, **fields_of(side.resolved(fields_of(side.resources.get(name)).get("Properties")))}
            for side in (old, new)
        )
        yield from changes_between(canonical(before), canonical(after), subject, skip=_TOLD_ELSEWHERE)
        yield from _of_bodies(mine[name], theirs[name], subject)
        parts = old.conditional_parts(name), new.conditional_parts(name)
        if parts[0] != parts[1]:
            yield Change(Kind.CONDITIONAL, subject, old=parts[0], new=parts[1])


def _of_bodies(old: Machine, new: Machine, subject: str) -> Iterator[Change]:
    """Yield the differences between two definitions, in the order of the states."""
    if old.unreadable or new.unreadable:
        if (old.unreadable, old.body) != (new.unreadable, new.body):
            raise UnusableInputError(
                f"the definition of {subject or 'the state machine'} {old.unreadable or new.unreadable}"
            )
        return
    yield from changes_between(canonical(old.body), canonical(new.body), subject, skip=_OF_DEFINITION)
    pairs = pair_states(old.definition, new.definition)
    was, now = Ways(pairs, is_old=True), Ways(pairs, is_old=False)
    found = list(changes_of_places(pairs, subject))
    for one, other in pairs:
        found += changes_of_members(one, other, subject)
        if one.type == other.type == "Choice":
            found += changes_of_rules(one, other, was, now, subject)
        found += changes_of_retries(one, other, subject)
        found += changes_of_catches(one, other, was, now, subject)
    yield from sorted(found, key=_position(pairs))


def _position(pairs: Pairs) -> Any:  # noqa: ANN401 - a key of sorted()
    """Return the key that sorts changes by their states: as in the new definition, those of the old one behind the one before them."""
    places = {state.name: (at, 0) for at, state in enumerate(pairs.new.walk())}
    last = (-1, 0)
    for at, state in enumerate(pairs.old.walk(), 1):
        if state in pairs.of_old:
            last = places[pairs.of_old[state].name]
        else:
            places.setdefault(state.name, (last[0], at))
    return lambda change: places.get(change.state, (len(places), 0))
