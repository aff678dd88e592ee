"""The resources of two templates, with one name for each that both have: generated names are no difference."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.granted import POLICIES, ROLE
from constructs_ml.cfn.intrinsics import Conditions, Resolver, later
from constructs_ml.cfn.template import STATE_MACHINES

Json = Any
_GENERATED = re.compile(r"[0-9A-F]{8}$")
_IN_TEXT = re.compile(r"\$\{(\w+)((?:\.[\w.]+)?)\}")
_PSEUDO_IN_TEXT = re.compile(r"\$\{(AWS::\w+)\}")
_ROUNDS = 4
_PARAMETER = "parameter"
_LEFT_OUT = {"AWS::CDK::Metadata"}
_TOLD = {*STATE_MACHINES, ROLE, *POLICIES, "AWS::Events::Rule"}
"""The types whose differences are told by words, so that one that was moved and edited is still the same."""


def without_digest(name: str) -> str:
    """Return a logical id without the digest that the CDK ends it with: ``JobRole`` of ``JobRole4BF2B255``."""
    found = _GENERATED.sub("", name)
    return found or name


@dataclass(frozen=True)
class Side:
    """The resources of one of two templates, with the names that both share.

    Attributes:
        template: The template.
        paths: The constructs' paths of resources, as far as they are known.
    """

    template: Mapping[str, Json]
    paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def resources(self) -> dict[str, Mapping[str, Json]]:
        """Its resources, by logical id."""
        found = fields_of(self.template.get("Resources"))
        return {str(name): fields_of(resource) for name, resource in found.items() if not _is_left_out(resource)}

    def resolved(self, value: Json) -> Json:
        """Return a value without intrinsic functions."""
        return Resolver(self.template).resolve(value)

    def conditional_parts(self, name: str) -> list[str]:
        """Return the parts of a resource that depend on a condition which only the deployment knows: an example of them is read."""
        resource = self.resources.get(name, {})
        known = Conditions(self.template)
        found = [str(resource["Condition"])] if "Condition" in resource else []
        parts = [resource.get("Properties")]
        for part in parts:
            if isinstance(part, Mapping):
                chosen = part.get("Fn::If")
                if isinstance(chosen, list) and len(part) == 1 and not known.are_known(chosen[0]):
                    found.append(json.dumps(chosen, sort_keys=True))
                parts += part.values()
            elif isinstance(part, list):
                parts += part
        return sorted(found)

    def display(self, name: str) -> str:
        """Return the name of a resource in words: its construct's path within the stack, or its logical id without a digest."""
        path = fields_of(self.resources.get(name, {}).get("Metadata")).get("aws:cdk:path") or self.paths.get(name)
        if isinstance(path, str) and "/" in path:
            return path.partition("/")[2].removesuffix("/Resource")
        return without_digest(name)


def _is_left_out(resource: Json) -> bool:
    return str(fields_of(resource).get("Type")) in _LEFT_OUT


def paired(old: Side, new: Side) -> tuple[Side, Side]:
    """Return both sides, the old one with the new one's names for the resources that both have.

    Pseudo parameters become placeholders that look the same wherever they stand, except in look-ups of mappings.
    """
    names = _names(old, new)
    renamed = _in_template(old.template, names)
    paths = {names.get(name, name): path for name, path in old.paths.items()}
    return Side(_with_placeholders(renamed), paths), Side(_with_placeholders(_in_template(new.template, {})), new.paths)


def _names(old: Side, new: Side) -> dict[str, str]:
    """Return the new names of the old template's resources and parameters that are called differently."""
    pairing = _Pairing(_elements(old), _elements(new))
    pairing.by(lambda element, _names: (element.kind, without_digest(element.name)))
    for _ in range(_ROUNDS):
        known = len(pairing.names)
        pairing.by_ending(lambda element, names: (element.kind, element.look(names)))
        pairing.by(lambda element, names: (element.kind, element.look(names)))
        pairing.by_ending(lambda element, _names: element.kind if element.kind in _TOLD else element.name)
        if len(pairing.names) == known:
            break
    pairing.by(lambda element, _names: element.kind if element.kind in STATE_MACHINES else element.name)
    return {name: other for name, other in pairing.names.items() if name != other}


_Key: TypeAlias = "Callable[[_Element, Mapping[str, str]], Json]"


@dataclass(frozen=True)
class _Element:
    """A resource or a parameter."""

    name: str
    kind: str
    body: Mapping[str, Json]

    def look(self, names: Mapping[str, str]) -> str:
        """Return its properties; references to what has no common name yet are all alike."""
        told = {name: value for name, value in self.body.items() if name not in {"Metadata", "DependsOn"}}
        return json.dumps(_with_names(told, names, unknown=True), sort_keys=True)


def _elements(side: Side) -> dict[str, _Element]:
    found = {name: _Element(name, str(body.get("Type")), body) for name, body in side.resources.items()}
    parameters = fields_of(side.template.get("Parameters"))
    return found | {str(name): _Element(str(name), _PARAMETER, fields_of(body)) for name, body in parameters.items()}


class _Pairing:
    """The elements of two templates that are the same; one that could be several is none."""

    def __init__(self, mine: Mapping[str, _Element], theirs: Mapping[str, _Element]) -> None:
        self._mine, self._theirs = mine, theirs
        self.names = {name: name for name, one in mine.items() if name in theirs and theirs[name].kind == one.kind}

    def by(self, key: _Key) -> None:
        """Pair those with a key that no other has."""
        left, right = self._by_key(key)
        for shared in left.keys() & right.keys():
            if len(left[shared]) == len(right[shared]) == 1:
                self.names[left[shared][0].name] = right[shared][0].name

    def by_ending(self, key: _Key) -> None:
        """Pair those with the same key of which one's name ends like the other's, as after a move into another scope."""
        left, right = self._by_key(key)
        for shared in left.keys() & right.keys():
            pairs = [
                (one, other) for one in left[shared] for other in right[shared] if _end_alike(one.name, other.name)
            ]
            ones, others = Counter(one.name for one, _ in pairs), Counter(other.name for _, other in pairs)
            for one, other in pairs:
                if ones[one.name] == others[other.name] == 1:
                    self.names[one.name] = other.name

    def _by_key(self, key: _Key) -> tuple[dict[Json, list[_Element]], dict[Json, list[_Element]]]:
        taken = {other: other for other in self.names.values()}
        left: dict[Json, list[_Element]] = {}
        right: dict[Json, list[_Element]] = {}
        for one in self._mine.values():
            if one.name not in self.names:
                left.setdefault(key(one, self.names), []).append(one)
        for other in self._theirs.values():
            if other.name not in taken:
                right.setdefault(key(other, taken), []).append(other)
        return left, right


def _end_alike(one: str, other: str) -> bool:
    one, other = without_digest(one), without_digest(other)
    return one.endswith(other) or other.endswith(one)


def _with_names(value: Json, names: Mapping[str, str], *, unknown: bool = False) -> Json:
    """Return a part of a template with other names of its elements.

    Args:
        value: The part.
        names: The other names, by the names in it.
        unknown: True to have one name for all that are not among them.
    """

    def name(text: str) -> str:
        return text if text.startswith("AWS::") else names.get(text, "?" if unknown else text)

    def renamed(part: Json) -> Json:  # noqa: PLR0911 - a case each
        match part:
            case {"Ref": str(text), **rest} if not rest:
                return {"Ref": name(text)}
            case {"Fn::GetAtt": [str(text), *attribute], **rest} if not rest:
                return {"Fn::GetAtt": [name(text), *attribute]}
            case {"Fn::GetAtt": str(text), **rest} if not rest:
                return {"Fn::GetAtt": [name(text.partition(".")[0]), text.partition(".")[2]]}
            case {"Fn::Sub": str() | [str(), dict()] as given, **rest} if not rest:
                text, values = (given, {}) if isinstance(given, str) else (given[0], given[1])
                own = fields_of(values)
                told = _IN_TEXT.sub(lambda at: at[0] if at[1] in own else f"${{{name(at[1])}{at[2]}}}", str(text))
                return {"Fn::Sub": [told, renamed(values)] if own else told}
            case {**members}:
                return {key: renamed(item) for key, item in members.items()}
            case [*items]:
                return [renamed(item) for item in items]
        return part

    return renamed(value)


def _in_template(template: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """Return a template whose elements have other names."""
    found: dict[str, Json] = dict(_with_names(template, names))
    for part in ("Resources", "Parameters"):
        if part in found:
            found[part] = {names.get(str(name), str(name)): body for name, body in fields_of(found[part]).items()}
    return found


def _with_placeholders(value: Json) -> Json:  # noqa: PLR0911 - a case each
    """Return a part of a template with a placeholder for each pseudo parameter."""
    match value:
        case {"Ref": str(name), **rest} if not rest and name.startswith("AWS::") and name != "AWS::NoValue":
            return later(name)
        case {"Fn::FindInMap": _, **rest} if not rest:
            return value
        case {"Fn::Sub": [str(text), values], **rest} if not rest:
            return {"Fn::Sub": [_PSEUDO_IN_TEXT.sub(lambda at: later(at[1]), text), _with_placeholders(values)]}
        case {"Fn::Sub": str(text), **rest} if not rest:
            return {"Fn::Sub": _PSEUDO_IN_TEXT.sub(lambda at: later(at[1]), text)}
        case {**members}:
            return {name: _with_placeholders(item) for name, item in members.items()}
        case [*items]:
            return [_with_placeholders(item) for item in items]
    return value
