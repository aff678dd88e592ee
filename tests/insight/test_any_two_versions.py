"""What holds for any two versions."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.versions_of_workflow import template

from constructs_ml.insight.changes.compare import diff
from constructs_ml.insight.changes.kinds import Kind
from constructs_ml.insight.changes.report import as_markdown, as_text

VALUES = [
    0,
    1,
    "x",
    "$.a",
    True,
    None,
    [],
    {},
    "Done",
    "Failed",
    "Train",
    "Check",
    "Task",
    "Pass",
    "*",
    "s3:*",
    {"Ref": "Alerts99887766"},
]


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every member of every object and list."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, key))
        _places(value[key], found)
    return found


def _edited(seed: int, count: int) -> Any:
    """The template with as many edits at random: members that are replaced, removed, copied or exchanged."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = template()
    for _ in range(count):
        # Resources stay what they are: one that is called differently has its new name in what is said.
        places = [place for each in made["Resources"].values() for place in _places(each["Properties"], [])]
        places = [(owner, key) for owner, key in places if key != "Definition"]
        owner, key = chance.choice(places)
        match chance.randrange(4):
            case 0:
                owner[key] = copy.deepcopy(chance.choice(VALUES))
            case 1:
                del owner[key]
            case 2 if isinstance(owner, dict):
                owner[f"{key}2"] = copy.deepcopy(owner[key])
            case _ if isinstance(owner, dict):
                other = chance.choice(list(owner))
                owner[key], owner[other] = owner[other], owner[key]
    return made


VERSIONS = st.builds(_edited, st.integers(0, 10**6), st.integers(0, 5))


@settings(max_examples=40, deadline=None)
@given(VERSIONS)
def test_a_version_does_not_differ_from_itself(version: Any) -> None:
    """There is nothing to say about the same template, whatever is in it."""
    assert not diff(version, copy.deepcopy(version))


@settings(max_examples=40, deadline=None)
@given(VERSIONS, VERSIONS)
def test_the_way_back_is_the_mirror(one: Any, other: Any) -> None:
    """What is added one way is removed the other, and what is wider there is narrower here."""
    there, back = diff(one, other), diff(other, one)
    assert there.widened is back.narrowed
    assert there.narrowed is back.widened
    assert {kind: (count.added, count.removed, count.changed) for kind, count in there.others.items()} == {
        kind: (count.removed, count.added, count.changed) for kind, count in back.others.items()
    }
    if not any(change.kind is Kind.NAME for change in there.changes):  # an order is told by the new names
        assert sorted(map(_text, there.changes)) == sorted(_text(change.mirrored) for change in back.changes)


def _text(change: Any) -> str:
    found = change.to_json()
    # The name of a rule's target, and the order in which a member's value is written, are as in the new version.
    return json.dumps({name: item for name, item in found.items() if name != "words"}, sort_keys=True)


@settings(max_examples=40, deadline=None)
@given(VERSIONS, VERSIONS)
def test_everything_can_be_said(one: Any, other: Any) -> None:
    """Each difference has a sentence of one line, in each form."""
    found = diff(one, other)
    assert all(change.words for change in found.changes)
    assert len(as_text(found).splitlines()) >= len(found.changes)
    assert as_markdown(found)
    assert json.loads(json.dumps(found.to_json()))["widened"] is found.widened
