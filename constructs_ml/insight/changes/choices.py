"""The rules of a Choice: conditions and the states that they lead to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import rules_of
from constructs_ml.insight.changes.canonical import canonical, dynamic
from constructs_ml.insight.changes.kinds import Kind
from constructs_ml.insight.changes.members import differing
from constructs_ml.insight.changes.model import Change
from constructs_ml.insight.graph.words import condition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_ml.asl.definition import State
    from constructs_ml.insight.changes.places import Ways

Json = Any
_EXTRA = ("Assign", "Output")
DEFAULT = "otherwise"


@dataclass(frozen=True)
class Rule:
    """A rule of a Choice.

    Attributes:
        words: Its condition.
        key: Its condition in one form.
        written: The state that it leads to, by its name.
        target: The next state behind it that both versions have.
        extra: Its variables and output.
    """

    words: str
    key: str
    written: str
    target: str | None
    extra: Mapping[str, Json] = field(default_factory=dict)


def changes_of_rules(old: State, new: State, was: Ways, now: Ways, machine: str) -> Iterator[Change]:
    """Yield the differences between the rules of a Choice."""
    names = (machine, new.name, old.name if old.name != new.name else "")
    mine, theirs = {rule.key: rule for rule in _rules(old, was)}, {rule.key: rule for rule in _rules(new, now)}
    gone = [rule for key, rule in mine.items() if key not in theirs]
    added = [rule for key, rule in theirs.items() if key not in mine]
    for rule in list(gone):
        same = next((other for other in added if other.target == rule.target and other.extra == rule.extra), None)
        if same is not None and DEFAULT not in {rule.key, same.key}:
            gone.remove(rule)
            added.remove(same)
            # Two conditions can have the same words: paths that are written in two ways, a space more in a text.
            before, after = (rule.words, same.words) if rule.words != same.words else (rule.key, same.key)
            yield Change(Kind.CONDITION, *names, member=same.written, old=before, new=after)
    for rule in gone:
        yield Change(Kind.TARGET, *names, member=rule.words, old=rule.written)
    for rule in added:
        yield Change(Kind.TARGET, *names, member=rule.words, new=rule.written)
    for key, rule in theirs.items():
        one = mine.get(key)
        if one is not None and one.target != rule.target:
            yield Change(Kind.TARGET, *names, member=rule.words, old=one.written, new=rule.written)
        if one is not None:
            for path, before, after in differing(one.extra, rule.extra):
                yield Change(Kind.MEMBER, *names, member=f"{rule.words}: {path}", old=before, new=after)
    order, other_order = ([rule for rule in some if rule in mine and rule in theirs] for some in (mine, theirs))
    if order != other_order:
        yield Change(Kind.RULES, *names, old=_words(mine, order), new=_words(theirs, other_order))


def _words(rules: Mapping[str, Rule], keys: Sequence[str]) -> list[str]:
    return [rules[key].words for key in keys]


def _rules(state: State, ways: Ways) -> Iterator[Rule]:
    for rule in rules_of(state.body):
        to = str(rule.get("Next", ""))
        extra = {name: canonical(rule[name]) for name in _EXTRA if name in rule}
        for test in _alternatives(
            {name: item for name, item in rule.items() if name not in {"Next", "Comment", *_EXTRA}}
        ):
            yield Rule(condition_of(test), _key(test), ways.shown(state.scope, to), ways.target(state.scope, to), extra)
    default = state.body.get("Default")
    if isinstance(default, str):
        yield Rule(DEFAULT, DEFAULT, ways.shown(state.scope, default), ways.target(state.scope, default))


def _alternatives(test: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Yield the tests of which one is enough: an Or is like a rule for each."""
    parts = test.get("Or")
    if isinstance(parts, list) and all(isinstance(part, dict) for part in parts):
        for part in parts:
            yield from _alternatives(part)
    else:
        yield test


def _key(test: Mapping[str, Json]) -> str:
    return json.dumps(_plain(canonical(test)), ensure_ascii=False)


def _plain(test: Json) -> Json:
    """Return a test in one form: no Not around a test of presence or of another Not, no And in an And."""
    if not isinstance(test, dict):
        return test
    if isinstance(test.get("Not"), dict):
        return _negated(_plain(test["Not"]))
    if isinstance(test.get("And"), list):
        parts = [_plain(part) for part in test["And"]]
        flat = [each for part in parts for each in (part["And"] if _is_and(part) else [part])]
        return flat[0] if len(flat) == 1 else {"And": flat}
    if isinstance(test.get("Or"), list):
        return {"Or": [_plain(part) for part in test["Or"]]}
    is_path = {name: name == "Variable" or name.endswith("Path") for name in test}
    plain = {
        name: dynamic(item).meaning if is_path[name] and isinstance(item, str) else item for name, item in test.items()
    }
    return dict(sorted(plain.items()))


def _is_and(test: Json) -> bool:
    return isinstance(test, dict) and set(test) == {"And"}


def _negated(test: dict[str, Json]) -> Json:
    if "Not" in test:
        return test["Not"]
    for name, value in test.items():
        if name.startswith("Is") and isinstance(value, bool):
            return {**test, name: not value}
    return {"Not": test}
