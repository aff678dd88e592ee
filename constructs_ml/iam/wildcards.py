"""Overlap of ARNs with wildcards and tokens in them: those that a state needs and those that a policy grants.

A token stands for a value that is known only when the template is deployed, so it may be any string; but two resources of one
type are different: a grant on one function does not cover another. An uncertain answer is yes.

Source: "IAM JSON policy elements: Resource" of the IAM user guide: ``*`` and ``?`` are wildcards, and ``*`` stays within a
part of an ARN between colons, the last excepted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.intrinsics import PSEUDO

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"\$\{Token\[([^\]]*)\]\}")
_PLAIN_TOKEN = re.compile(r"(\w+)((?:\.\w+)*)")
_SUBSTITUTION = re.compile(r"\$\{[^}]*\}")
# They stand for whatever the template is deployed to.
_EXAMPLES = re.compile("|".join(re.escape(str(PSEUDO[name])) for name in ("AWS::AccountId", "AWS::Region")))
_ARN_PARTS = 6
_KEPT = 65_536


def may_be_same(needed: str, granted: str, kinds: Mapping[str, Any]) -> bool:
    """Return whether two ARNs, both possibly with wildcards, can name the same resource.

    Args:
        needed: The ARN that a state needs.
        granted: The ARN that a policy grants.
        kinds: The types of the template's resources, by logical id.
    """
    if granted in {needed, "*"} or needed == "*":
        return True
    return not _are_two(needed, granted, kinds) and _may_overlap(needed, granted)


@lru_cache(_KEPT)
def matches(pattern: str, text: str) -> bool:
    """Return whether a string without wildcards matches a pattern, ignoring case."""
    return _meet(pattern.lower(), text.lower())


@lru_cache(_KEPT)
def _may_overlap(one: str, other: str) -> bool:
    pairs = [(_open(one), _open(other))]
    parts = [text.split(":", _ARN_PARTS - 1) for text in pairs[0]]
    if all(len(found) == _ARN_PARTS for found in parts):
        # The partition is the same for all of a deployment.
        pairs = list(zip(*parts, strict=True))[2:]
    return all(_meet(left, right) for left, right in pairs)


def _open(text: str) -> str:
    """Return a string with wildcards in the place of the parts that are known only later."""
    text = _SUBSTITUTION.sub("*", _TOKEN.sub("*", text))
    return _EXAMPLES.sub("*", text)


def _are_two(one: str, other: str, kinds: Mapping[str, Any]) -> bool:
    """Return whether the ARNs name two resources of one type, by different tokens in the same place."""
    tokens = [list(_TOKEN.finditer(text)) for text in (one, other)]
    if [len(found) for found in tokens] != [1, 1]:
        return False
    (left,), (right,) = tokens
    names = [_PLAIN_TOKEN.fullmatch(found[1]) for found in (left, right)]
    if names[0] is None or names[1] is None or names[0][1] == names[1][1] or names[0][2] != names[1][2]:
        return False
    kind = kinds.get(names[0][1])
    placed = [text[: found.start()].split(":", _ARN_PARTS - 1)[-1] for text, found in ((one, left), (other, right))]
    ends = [text[found.end() :] for text, found in ((one, left), (other, right))]
    # A suffix after an ARN names the same resource; a suffix after a name may name another.
    alike = names[0][2] == ".Arn" or ends[0] == ends[1]
    return kind is not None and kind == kinds.get(names[1][1]) and placed[0] == placed[1] and alike


def _meet(one: str, other: str) -> bool:
    """Return whether two patterns match a string in common."""
    if one in {other, "*"} or other == "*":
        return True
    at = 0
    while at < len(one) and at < len(other) and one[at] not in "*?" and other[at] not in "*?":
        if one[at] != other[at]:
            return False
        at += 1
    return _meet_rest(one[at:], other[at:])


def _meet_rest(one: str, other: str) -> bool:
    # row[j]: whether what has been read of `one` and the first j characters of `other` match a text in common.
    row = [True]
    for char in other:
        row.append(row[-1] and char == "*")
    for mine in one:
        above, row = row, [row[0] and mine == "*"]
        for at, char in enumerate(other, 1):
            if mine == "*" or char == "*":
                row.append(row[-1] or above[at])
            else:
                row.append(above[at - 1] and (mine == char or "?" in (mine, char)))
    return row[-1]
