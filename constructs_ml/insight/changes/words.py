"""Differences in sentences."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.insight.changes.canonical import plain
from constructs_ml.insight.changes.kinds import ABSENT, Kind
from constructs_ml.insight.changes.resources import without_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Json = Any
_TOKEN = re.compile(r"\$\{Token\[([^\]]*)\]\}")
_LONGEST, _AROUND = 100, 24
_MOST = 3
"""The most parts of a permission that a sentence names."""
_RETRY = {
    "IntervalSeconds": "the first wait",
    "BackoffRate": "the backoff rate",
    "MaxDelaySeconds": "the longest wait",
    "JitterStrategy": "the jitter",
}


class Told(Protocol):
    """The members of a difference that sentences are made of."""

    @property
    def kind(self) -> Kind:
        """Its subject."""

    @property
    def subject(self) -> str:
        """The state machine, the role or the rule."""

    @property
    def state(self) -> str:
        """The state."""

    @property
    def member(self) -> str:
        """The member."""

    @property
    def old(self) -> Json:
        """The old value."""

    @property
    def new(self) -> Json:
        """The new value."""

    @property
    def partly(self) -> tuple[Json, ...]:
        """The parts of a permission that the other version has."""


def sentence(change: Told) -> str:
    """Return a difference as a sentence without a full stop."""
    return _SENTENCES[change.kind](change)


def value_in_words(value: Json) -> str:
    """Return a value as sentences show it: ``<Bucket.Arn>`` for what a resource gives."""
    found = plain(value)
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return _TOKEN.sub(lambda at: f"<{_named(at[1])}>", text) if text else '""'


def _named(reference: str) -> str:
    name, dot, attribute = reference.partition(".")
    return f"{without_digest(name)}{dot}{attribute}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words: ``A, B and C``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _both(old: Json, new: Json) -> tuple[str, str]:
    """Return two values, the parts that they share left out if they are long."""
    one, other = value_in_words(old), value_in_words(new)
    if max(len(one), len(other)) <= _LONGEST:
        return one, other
    start = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    rest = min(len(one), len(other)) - start
    end = next((at for at in range(rest) if one[-1 - at] != other[-1 - at]), rest)
    first = max(0, start - _AROUND) if start > _AROUND + 1 else 0
    last = max(0, end - _AROUND) if end > _AROUND + 1 else 0
    cut = [text[first : len(text) - last] for text in (one, other)]
    return tuple(_short(f"{'…' if first else ''}{text}{'…' if last else ''}") for text in cut)  # type: ignore[return-value]


def _machine(change: Told) -> str:
    states = change.new if change.new is not ABSENT else change.old
    told = f" with {listed(states)}" if states else ""
    return f"the state machine {change.subject} is {'removed' if change.new is ABSENT else 'added'}{told}"


def _state(change: Told) -> str:
    facts = change.old if change.new is ABSENT else change.new
    kind = facts.get("resource") or facts["type"]
    text = f"{change.state} ({value_in_words(kind)}) is {'removed' if change.new is ABSENT else 'added'}"
    text += f" in {facts['in']}" if "in" in facts else ""
    text += " as the first state" if facts.get("first") else ""
    text += _neighbours(facts)
    return text + (f", with {listed(facts['with'])} in it" if "with" in facts else "")


def _neighbours(facts: Mapping[str, Json]) -> str:
    places = [f"{word} {listed(facts[word])}" for word in ("after", "before") if word in facts]
    return f", {' and '.join(places)}" if places else ""


def _place(change: Told) -> str:
    old, new = change.old, change.new
    if "in" not in old:
        where = f"into {_in(new)}"
    elif "in" not in new:
        where = f"out of {_in(old)}"
    elif old["in"] == new["in"]:
        where = f"to another branch of {new['in']}"
    else:
        where = f"from {_in(old)} into {_in(new)}"
    return f"{change.state} moved {where}{_neighbours(new)}"


def _in(place: Mapping[str, Json]) -> str:
    return f"the {place['type']} {place['in']}"


def _order(change: Told) -> str:
    lost, gained = (_following(names) for names in (change.old, change.new))
    if lost and gained:
        return f"{change.state} now {gained[0]} instead of {lost[1]}"
    if gained:
        return f"{change.state} now {'' if '' in change.new else 'also '}{gained[0]}"
    return f"{change.state} no longer {lost[2] if lost else ''}"


def _following(names: Sequence[str]) -> tuple[str, str, str] | None:
    """Return in three forms what a state follows: ``follows A``, ``following A`` and ``follow A``."""
    if not names:
        return None
    others = listed([name for name in names if name])
    is_first = "" in names
    if not others:
        return ("comes first", "coming first", "comes first")
    first = ["comes first and ", "coming first and ", "comes first and "] if is_first else ["", "", ""]
    instead = f"coming first and {others}" if is_first else others
    return f"{first[0]}follows {others}", instead, f"{first[2]}follows {others}"


def _end(change: Told) -> str:
    where = f"a branch of {change.state}" if change.state else "the workflow"
    lost, gained = (listed([name or "its start" for name in names]) for names in (change.old, change.new))
    if lost and gained:
        return f"{where} now ends after {gained} instead of {lost}"
    return f"{where} now also ends after {gained}" if gained else f"{where} no longer ends after {lost}"


def _condition(change: Told) -> str:
    one, other = _both(change.old, change.new)
    if one == other:
        return f"{change.state}: the condition to go to {change.member} changed: {one}"
    return f"{change.state} goes to {change.member} if {other}, was if {one}"


def _target(change: Told) -> str:
    when = "otherwise" if change.member == "otherwise" else f"if {_short(value_in_words(change.member))}"
    if change.old is ABSENT:
        return f"{change.state} now goes to {change.new} {when}"
    if change.new is ABSENT:
        return f"{change.state} no longer goes to {change.old} {when}"
    return f"{change.state} goes to {change.new} {when}, was {change.old}"


def _rules(change: Told) -> str:
    new, old = ("; ".join(_short(words) for words in some) for some in (change.new, change.old))
    return f"{change.state} tests its conditions in another order: {new} (was {old})"


def _times(attempts: Json) -> str:
    return f"{value_in_words(attempts)} time{'' if attempts == 1 else 's'}"


def _retry(change: Told) -> str:
    errors = listed(change.member.split(", "))
    if change.old is ABSENT:
        return f"{change.state} is now retried after {errors} {_times(change.new['MaxAttempts'])}"
    if change.new is ABSENT:
        return f"{change.state} is no longer retried after {errors}, was {_times(change.old['MaxAttempts'])}"
    told = []
    if change.old["MaxAttempts"] != change.new["MaxAttempts"]:
        attempts, was = change.new["MaxAttempts"], value_in_words(change.old["MaxAttempts"])
        told.append(f"{_times(attempts)}, was {was}")
    parts = [(name, change.old[name], change.new[name]) for name in _RETRY if change.old[name] != change.new[name]]
    waits = [f"{_RETRY[name]} {_seconds(name, now)}, was {_seconds(name, was)}" for name, was, now in parts]
    text = f"{change.state} is retried after {errors}"
    return (
        f"{text} {told[0]}" + "".join(f"; {each}" for each in waits)
        if told
        else f"{text} as before, but {'; '.join(waits)}"
    )


def _seconds(name: str, value: Json) -> str:
    if value is None:
        return "unlimited"
    return f"{value_in_words(value)} s" if name.endswith("Seconds") else value_in_words(value)


def _catch(change: Told) -> str:
    errors = listed(change.member.split(", "))
    if change.old is ABSENT:
        return f"{change.state} now catches {errors} and goes to {change.new['to']}"
    if change.new is ABSENT:
        return f"{change.state} no longer catches {errors}, went to {change.old['to']}"
    told = []
    if change.old["next"] != change.new["next"]:
        told.append(f"goes to {change.new['to']}, was {change.old['to']}")
    for name in ("ResultPath", "Assign", "Output"):
        one, other = change.old.get(name, ABSENT), change.new.get(name, ABSENT)
        if one != other:
            told.append(f"{name} {_arrow(one, other)}")
    return f"{change.state} after {errors}: {'; '.join(told)}"


def _arrow(old: Json, new: Json) -> str:
    if old is ABSENT:
        return f"is added: {_short(value_in_words(new))}"
    if new is ABSENT:
        return f"is removed, was {_short(value_in_words(old))}"
    return " -> ".join(_both(old, new))


def _member(change: Told) -> str:
    if change.member == "QueryLanguage":
        return f"{change.state} is written in {change.new} now, was {change.old}"
    return f"{change.state or change.subject or 'the definition'}: {value_in_words(change.member)} {_arrow(change.old, change.new)}"


def _comment(change: Told) -> str:
    of = change.state or change.subject or "the definition"
    if ABSENT in (change.old, change.new):
        return f"the comment of {of} is {'added' if change.old is ABSENT else 'removed'}"
    return f"the comment of {of} changed"


def _permission(change: Told) -> str:
    is_new = change.new is not ABSENT
    grant = change.new if is_new else change.old
    if change.member == "trust":
        who = f"{change.subject}: {_principal(grant)}"
        may = "may now" if is_new else "may no longer"
        does = "assume it" if grant["actions"] == ["sts:AssumeRole"] else listed(grant["actions"])
        text = f"{who} {_verb(grant, may, is_new=is_new)} {does}"
    else:
        who = f"{change.subject}: {_principal(grant)}" if "principal" in grant else change.subject
        text = (
            f"{who} {_verb(grant, 'may now' if is_new else 'may no longer', is_new=is_new)} {listed(grant['actions'])}"
        )
        text += f" on {listed([value_in_words(each) for each in grant['resources']])}" if grant["resources"] else ""
    text += f" if {_tests(grant['conditions'])}" if grant["conditions"] else ""
    parts = [_part(part) for part in change.partly if part]
    if len(parts) > _MOST:
        parts = [*parts[: _MOST - 1], f"{len(parts) - _MOST + 1} more"]
    return text + (f" ({'before' if is_new else 'still'} only {'; '.join(parts)})" if parts else "")


def _verb(grant: Mapping[str, Json], may: str, *, is_new: bool) -> str:
    if grant["effect"] == "Allow":
        return may
    return "is now denied to" if is_new else "is no longer denied to"


def _principal(grant: Mapping[str, Json]) -> str:
    principal = str(grant.get("principal", ""))
    return "anybody" if principal == "*" else value_in_words(principal.removeprefix("Service: ").removeprefix("AWS: "))


def _tests(tests: Sequence[str]) -> str:
    return listed([value_in_words(test) for test in tests])


def _part(part: Mapping[str, Json]) -> str:
    told = [listed(part["actions"])] if "actions" in part else []
    told += [f"on {listed([value_in_words(each) for each in part['resources']])}"] if "resources" in part else []
    told += [listed(part["principals"])] if "principals" in part else []
    return " ".join(told + ([f"if {_tests(part['conditions'])}"] if part.get("conditions") else []))


def _added_or_removed(change: Told, added: str, removed: str) -> str:
    return f"{change.subject} {removed if change.new is ABSENT else added}"


def _managed(change: Told) -> str:
    arn = value_in_words(change.old if change.new is ABSENT else change.new)
    return _added_or_removed(change, f"now has the managed policy {arn}", f"no longer has the managed policy {arn}")


def _boundary(change: Told) -> str:
    if change.old is ABSENT:
        return f"{change.subject} now has the permissions boundary {value_in_words(change.new)}"
    if change.new is ABSENT:
        return f"{change.subject} no longer has the permissions boundary {value_in_words(change.old)}"
    return f"{change.subject}: its permissions boundary {_arrow(change.old, change.new)}"


def _rule(change: Told) -> str:
    facts = change.old if change.new is ABSENT else change.new
    on = facts["on"] if isinstance(facts["on"], list) else [facts["on"]]
    targets = listed([value_in_words(each) for each in facts["targets"]])
    told = f"on {listed([value_in_words(each) for each in on])}" + (f" to {targets}" if targets else "")
    return f"the event rule {change.subject} is {'removed' if change.new is ABSENT else 'added'}, {told}"


def _uncertain(change: Told) -> str:
    return (
        f"{change.subject} now runs as {value_in_words(change.new)}, was {value_in_words(change.old)}: "
        "what they may do is not in both templates, so it may be more"
    )


_SENTENCES: Mapping[Kind, Callable[[Any], str]] = {
    Kind.MACHINE: _machine,
    Kind.STATE: _state,
    Kind.NAME: lambda change: f"{change.old} is renamed to {change.new}",
    Kind.TYPE: lambda change: f"{change.state} is a {change.new} now, was a {change.old}",
    Kind.PLACE: _place,
    Kind.ORDER: _order,
    Kind.END: _end,
    Kind.BRANCHES: lambda change: (
        f"the branches of {change.state} have another order, and so has its output: "
        f"{', '.join(change.new)} (was {', '.join(change.old)})"
    ),
    Kind.CONDITION: _condition,
    Kind.TARGET: _target,
    Kind.RULES: _rules,
    Kind.RETRY: _retry,
    Kind.CATCH: _catch,
    Kind.MEMBER: _member,
    Kind.CODE: lambda change: f"the {change.member} of {change.state or change.subject} changed",
    Kind.COMMENT: _comment,
    Kind.ROLE: lambda change: _added_or_removed(change, "is added", "is removed"),
    Kind.PERMISSION: _permission,
    Kind.MANAGED: _managed,
    Kind.BOUNDARY: _boundary,
    Kind.RULE: _rule,
    Kind.UNCERTAIN: _uncertain,
    Kind.CONDITIONAL: lambda change: (
        f"{change.subject}: a part that depends on a condition of the template changed; cdk diff shows it"
    ),
}
