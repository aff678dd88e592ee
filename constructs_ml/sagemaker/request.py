"""Checks a request against botocore's model and the relations between members, before it reaches AWS.

botocore's own validation sees missing and unknown members, types and lower bounds; a SageMaker request is as often wrong
in an enum, a pattern or an upper bound. Values that are known only later are let through
(:func:`constructs_ml.asl.dynamic.is_dynamic`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format
from constructs_ml.errors import WHOLE, Finding, FindingKind, Severity, shown
from constructs_ml.sagemaker.composed import check_composed, parts_of
from constructs_ml.sagemaker.constraints import check_type, check_value
from constructs_ml.sagemaker.model import if_newer, input_shape
from constructs_ml.sagemaker.relations.members import Structure
from constructs_ml.sagemaker.relations.table import relations_of
from constructs_ml.spelling import is_near, nearest

if TYPE_CHECKING:
    from constructs_ml.sagemaker.model import Shape


__all__ = ["WHOLE", "Finding", "FindingKind", "Severity", "check_members", "check_request"]

_RUNTIME_KEY = ".$"


def check_request(operation: str, request: Mapping[str, Any], *, partial: bool = False) -> list[Finding]:
    """Finds what the service would refuse in a request.

    Accepted unchecked are runtime values (:class:`~constructs_ml.asl.expressions.Path`, ``Format``, ``{% %}``), CDK
    tokens and CloudFormation's intrinsics. A member written as ``Name.$`` counts as ``Name``. A member or an entry of a
    map that is None counts as left out.

    Args:
        operation: The operation of the API, such as ``CreateProcessingJob``.
        request: The request, with the API's names.
        partial: Whether members may be missing: a request that is completed later.

    Returns:
        The findings in the order of the request; empty if there are none. An instance type that the model lacks is a
        warning, because new ones appear between releases of botocore, and so is what the documentation only advises against;
        everything else is an error.

    Raises:
        ModelError: If botocore's model has no such operation.
    """
    return list(_check(input_shape(operation), request, "", _Asked(partial=partial)))


def check_members(operation: str, request: Mapping[str, Any]) -> list[Finding]:
    """The same for each member by itself: what botocore's model says, without the relations between members."""
    return list(_check(input_shape(operation), request, "", _Asked(relations=False)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a request.

    Attributes:
        partial: Whether members may be missing.
        relations: Whether members must agree with each other.
    """

    partial: bool = False
    relations: bool = True


def _check(shape: Shape, value: Any, path: str, asked: _Asked) -> Iterator[Finding]:  # noqa: ANN401 - JSON
    if isinstance(value, Format):
        yield from check_composed(shape, parts_of(value), path)
    if is_dynamic(value):
        return
    wrong = list(check_type(shape, value, path or WHOLE))
    if wrong:
        yield from wrong
        return
    if shape.type == "map":
        value = {key: entry for key, entry in value.items() if entry is not None}
    yield from check_value(shape, value, path)
    if shape.type == "structure":
        yield from _check_structure(shape, value, path, asked)
    elif shape.type == "list":
        for index, item in enumerate(value):
            yield from _check(shape.member, item, f"{path}[{index}]", asked)
    elif shape.type == "map":
        yield from _check_map(shape, value, path, asked)


def _check_structure(shape: Shape, value: Mapping[str, Any], path: str, asked: _Asked) -> Iterator[Finding]:
    wrong: list[Finding] = []
    for finding in _check_own(shape, value, path, asked):
        if finding.severity is Severity.ERROR:
            wrong.append(finding)
        yield finding
    if asked.relations:
        # A member that is wrong by itself is told once.
        places = [finding.member[len(path) :].lstrip(".") for finding in wrong]
        structure = Structure(value, path, asked.partial)
        for relation in relations_of(shape.name, value, is_input=not path):
            if not (places and relation.names_any(places)):
                yield from relation.findings(structure)


def _check_own(shape: Shape, value: Mapping[str, Any], path: str, asked: _Asked) -> Iterator[Finding]:
    given: list[str] = []
    for key, member in value.items():
        if member is None:
            continue
        name = str(key).removesuffix(_RUNTIME_KEY)
        here = f"{path}.{name}" if path else name
        if name not in shape.members:
            yield Finding(here, f"is not a member of {shape.name}", _what_it_may_be(name, shape), FindingKind.UNKNOWN)
            continue
        if name in given:
            yield Finding(here, f"is given twice, as {name} and {name}.$", "leave one out", FindingKind.RUNTIME)
        given.append(name)
        if name == key:
            yield from _check(shape.members[name], member, here, asked)
        else:
            yield from _check_expression(member, here)
    if not asked.partial:
        for name in shape.required:
            if name not in given:
                here = f"{path}.{name}" if path else name
                yield Finding(here, "is required", _how_to_give(shape.members[name]), FindingKind.REQUIRED)
    yield from _check_union(shape, given, path, asked)


def _check_union(shape: Shape, given: list[str], path: str, asked: _Asked) -> Iterator[Finding]:
    if shape.union and (len(given) > 1 or not (given or asked.partial)):
        got = " and ".join(given) or "none"
        problem = f"must have exactly one of {', '.join(shape.members)}, got {got}"
        yield Finding(path or WHOLE, problem, "", FindingKind.UNION)


def _check_map(shape: Shape, value: Mapping[Any, Any], path: str, asked: _Asked) -> Iterator[Finding]:
    for key, entry in value.items():
        if isinstance(key, str) and key.endswith(_RUNTIME_KEY) and _is_expression(entry):
            continue
        here = f"{path}[{key!r}]"
        yield from _check(shape.key, key, f"the key {shown(key)} of {path}", asked)
        yield from _check(shape.value, entry, here, asked)


def _check_expression(value: object, path: str) -> Iterator[Finding]:
    if not is_dynamic(value) and not _is_expression(value):
        problem = f"must be a path or an intrinsic function under {path.rpartition('.')[2]}.$, got {shown(value)}"
        yield Finding(path, problem, "write '$.member' or 'States.Format(...)', or drop the .$", FindingKind.RUNTIME)


def _is_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("$", "States."))


def _what_it_may_be(name: str, shape: Shape) -> str:
    """A known member misspelt, or else one that is newer than the installed botocore."""
    near = nearest(name, shape.members)
    if near and is_near(name, near[0]):
        return f"did you mean {near[0]}?"
    known = f"did you mean {near[0]}?" if near else f"it has {', '.join(shape.members)};"
    return f"{known} {if_newer()}"


def _how_to_give(shape: Shape) -> str:
    if shape.enum and not shape.name.endswith("InstanceType"):
        return f"pass one of {', '.join(sorted(shape.enum))}"
    if shape.type == "structure":
        return f"it has {', '.join(shape.members)}"
    return ""


_WANTED = {
    **dict.fromkeys(["integer", "long"], ("an integer", "pass Token.as_number(...) of it")),
    **dict.fromkeys(["float", "double"], ("a number", "pass Token.as_number(...) of it")),
    "boolean": ("a boolean", "pass True or False"),
}


def texts_for_numbers(operation: str, request: Mapping[str, Any]) -> Iterator[Finding]:
    """The members that a deployment makes a text where the API takes none.

    Args:
        operation: The operation.
        request: Its request, in which what a run decides is a runtime value, and what a deployment decides a token.
    """
    return _found(input_shape(operation), request, "")


def _found(shape: Shape, value: Any, path: str) -> Iterator[Finding]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        wanted, fix = _WANTED.get(shape.type, ("", ""))
        if wanted and "${Token[" in value:
            problem = f"must be {wanted}, got a text that is known only when the stack is deployed"
            yield Finding(path, problem, fix, FindingKind.TYPE)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            inner = shape.members.get(name) if shape.type == "structure" else None
            if inner is not None:
                yield from _found(inner, item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)) and shape.type == "list":
        for at, item in enumerate(value):
            yield from _found(shape.member, item, f"{path}[{at}]")
