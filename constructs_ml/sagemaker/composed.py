"""Strings that are known only in part before the workflow runs: checks that no value of the rest can satisfy."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Format, Path
from constructs_ml.asl.names import SHORT_LENGTH, SHORT_UUID, UUID, UUID_LENGTH
from constructs_ml.errors import Finding, FindingKind, shown
from constructs_ml.sagemaker.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_ml.sagemaker.model import Shape

Part = str | int | None
"""A string; how many letters, digits and hyphens there are; or nothing that is known."""
TIME = "2026-01-01T00:00:00.000Z"
"""As the context object has times."""
EXECUTION_ARN = "arn:aws:states:us-east-1:111122223333:execution:a:a"
ROLE_ARN = "arn:aws:iam::111122223333:role/a"
_TOKEN = re.compile(r"\$\{[^}]*\}|#\{Token\[[^\]]*\]\}|\{\{resolve:[^}]*\}\}")
_SAMPLES = (
    (re.compile(r"(?:\$\$|\$states\.context)\.(?:Execution\.(?:Start|Redrive)Time|State\.EnteredTime)"), TIME),
    (re.compile(r"(?:\$\$|\$states\.context)\.(?:Execution|StateMachine)\.Id"), EXECUTION_ARN),
    (re.compile(r"(?:\$\$|\$states\.context)\.Execution\.RoleArn"), ROLE_ARN),
)


def parts_of(value: Format) -> list[Part]:
    """Return the parts of a string that is put together at run time."""
    found: list[Part] = []
    for part in value.parts:
        if isinstance(part, str):
            found += [part] if "{" not in part else parts_of_text(part)
        elif part == UUID:
            found.append(UUID_LENGTH)
        elif part == SHORT_UUID:
            found.append(SHORT_LENGTH)
        else:
            found.append(sample_of(part.jsonpath) if isinstance(part, Path) else None)
    return found


def parts_of_text(text: str) -> list[Part]:
    """Return the parts of a string that may contain values that are inserted at deployment."""
    if "{" not in text:
        return [text] if text else []
    known = _TOKEN.split(text)
    return [piece for at, text in enumerate(known) for piece in ([None, text] if at else [text]) if piece != ""]


@cache
def sample_of(reference: str) -> str | None:
    """Return an example of a runtime string, such as a reference to the context object; None if it may be any."""
    return next((sample for pattern, sample in _SAMPLES if pattern.fullmatch(reference)), None)


def check_composed(shape: Shape, parts: Sequence[Part], member: str) -> Iterator[Finding]:
    """Find the constraints that a string breaks whatever its runtime parts are.

    Args:
        shape: The shape of the string.
        parts: Its parts.
        member: The member that holds it.
    """
    if shape.type != "string":
        return
    least = 0
    for part in parts if shape.max is not None else ():
        least += part if isinstance(part, int) else len(part or "")
    if shape.max is not None and least > shape.max:
        problem = f"must have at most {shape.max} characters, got {least} or more"
        yield Finding(member, problem, "shorten its known part", FindingKind.LENGTH)
    elif shape.pattern and _is_of_names(shape.pattern):
        yield from _check_pattern(shape.pattern, parts, member)


@cache
def _is_of_names(pattern: str) -> bool:
    """Return whether a pattern is one of names: it matches any letters, so it says which characters are allowed."""
    return all(matches(pattern, text) for text in ("a", "aa", "a1a"))


def _check_pattern(pattern: str, parts: Sequence[Part], member: str) -> Iterator[Finding]:
    whole = "".join([part if isinstance(part, str) else "a" for part in parts])
    if not whole or matches(pattern, whole):
        return
    texts = [part for part in parts if isinstance(part, str)]
    wrong = {character for text in texts for character in text if not matches(pattern, f"a{character}a")}
    wrong_text = next((text for text in texts if set(text) & wrong), "")
    if wrong_text:
        characters = " and ".join(repr(character) for character in sorted(set(wrong_text) & wrong))
        yield Finding(
            member,
            f"must match {pattern}, which has no {characters}, got {shown(wrong_text)}",
            _FIX,
            FindingKind.PATTERN,
        )
        return
    problem = f"must match {pattern}, got {shown(whole)} ('a' stands for runtime values)"
    yield Finding(member, problem, _FIX, FindingKind.PATTERN)


_FIX = "use letters, digits and single hyphens between them"
