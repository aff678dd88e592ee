"""Checks a request against botocore's model and the relations between members, before it reaches AWS.

botocore's own validation finds missing and unknown members, types and lower bounds; a SageMaker request is as often wrong
in an enum, a pattern or an upper bound. Values that are known only later pass
(:func:`constructs_ml.asl.dynamic.is_dynamic`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Expression, Format, Path
from constructs_ml.errors import WHOLE, Finding, FindingKind, Severity, shown
from constructs_ml.sagemaker.composed import check_composed, parts_of
from constructs_ml.sagemaker.constraints import check_type, check_value, is_bounded, scalar_findings
from constructs_ml.sagemaker.model import if_newer, input_shape
from constructs_ml.sagemaker.relations.members import Structure
from constructs_ml.sagemaker.relations.table import is_sound, relations_of
from constructs_ml.spelling import is_near, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_ml.sagemaker.model import Shape
    from constructs_ml.sagemaker.relations.relation import Relation


__all__ = ["WHOLE", "Finding", "FindingKind", "Severity", "check_members", "check_request"]

_RUNTIME_KEY = ".$"
_SCALARS = (str, int, bool)
_COMPARABLE = frozenset({str, int, float, bool, type(None), Path, Expression, Format})
"""The types of the values in a structure that is kept in a cache."""
_CLASSES = {"structure": dict, "map": dict, "list": list}
"""The Python types of most container values."""


def check_request(
    operation: str, request: Mapping[str, Any], *, partial: bool = False, texts_for_numbers: bool = True
) -> list[Finding]:
    """Find what the service would refuse in a request.

    Runtime values (:class:`~constructs_ml.asl.expressions.Path`, ``Format``, ``{% %}``), CDK tokens and CloudFormation's
    intrinsic functions are accepted unchecked. A member written as ``Name.$`` counts as ``Name``. A member or an entry of a
    map that is None counts as left out.

    Args:
        operation: The operation of the API, such as ``CreateProcessingJob``.
        request: The request, with the API's names.
        partial: True if required members may be missing, because the request is completed later.
        texts_for_numbers: True if a string token may stand for a number or a boolean, as in a template.

    Returns:
        The findings in the order of the request; empty if there are none. An instance type that the model lacks is a
        warning, because new ones appear between releases of botocore, and so is what the documentation only advises against;
        everything else is an error.

    Raises:
        ModelError: If botocore's model has no such operation.
    """
    return _Walk(partial=partial, texts_for_numbers=texts_for_numbers).of(operation, request)


def check_members(operation: str, request: Mapping[str, Any]) -> list[Finding]:
    """Find the same for each member by itself: by botocore's model, without the relations between members."""
    return _Walk(relations=False).of(operation, request)


class _Walk:
    """One walk over a request that collects findings.

    Attributes:
        found: The findings so far, in the order of the request.
    """

    def __init__(self, *, partial: bool = False, relations: bool = True, texts_for_numbers: bool = True) -> None:
        self._partial = partial
        self._relations = relations
        self._texts_for_numbers = texts_for_numbers
        self.found: list[Finding] = []

    def of(self, operation: str, request: Mapping[str, Any]) -> list[Finding]:
        """Walk over the request of an operation and return the findings."""
        self._check(input_shape(operation), request, "")
        return self.found

    def _check(self, shape: Shape, value: Any, path: str) -> None:  # noqa: ANN401 - JSON
        """Check a value that may be a container, or known only later."""
        if isinstance(value, Format):
            self.found += check_composed(shape, parts_of(value), path)
        if (value.__class__ is not dict or len(value) == 1) and is_dynamic(value):
            if not self._texts_for_numbers and isinstance(value, str) and shape.type in _WANTED:
                self._check_text_for_number(shape, value, path)
        elif value.__class__ is not _CLASSES.get(shape.type) and (
            wrong := list(check_type(shape, value, path or WHOLE))
        ):
            self.found += wrong
        elif shape.type == "structure":
            if is_bounded(shape):
                self.found += check_value(shape, value, path)
            self._check_structure(shape, value, path)
        elif shape.type == "map":
            entries = {key: entry for key, entry in value.items() if entry is not None}
            self.found += check_value(shape, entries, path)
            self._check_map(shape, entries, path)
        else:
            if shape.type != "list" or len(value) < (shape.min or 0) or len(value) > (shape.max or len(value)):
                self.found += check_value(shape, value, path)
            for index, item in enumerate(value if shape.type == "list" else ()):
                self._check_part(shape.member, item, f"{path}[{index}]")

    def _check_part(self, shape: Shape, value: Any, path: str) -> None:  # noqa: ANN401 - JSON
        """Check an item, an entry or a member; most are the same strings and numbers in all requests of an app."""
        if value.__class__ in _SCALARS and not (value.__class__ is str and "{" in value):
            for finding in scalar_findings(shape, value.__class__.__name__, value):
                self.found.append(replace(finding, member=path))
        else:
            self._check(shape, value, path)

    # One function, as a call for each member would cost more than the checks.
    def _check_structure(self, shape: Shape, value: Mapping[str, Any], path: str) -> None:  # noqa: C901
        start = len(self.found)
        given: set[str] = set()
        members = shape.members
        for key, member in value.items():
            if member is None:
                continue
            name = str(key).removesuffix(_RUNTIME_KEY)
            here = f"{path}.{name}" if path else name
            if name not in members or name in given:
                self.found.append(_misnamed(shape, name, here))
                if name not in members:
                    continue
            given.add(name)
            if name != key:
                self.found += _check_expression(member, here)
            elif member.__class__ not in _SCALARS or (member.__class__ is str and "{" in member):
                self._check(members[name], member, here)
            else:
                for finding in scalar_findings(members[name], member.__class__.__name__, member):
                    self.found.append(replace(finding, member=here))
        if shape.union or not given.issuperset(shape.required):
            self._check_presence(shape, given, path)
        if self._relations and (asked := relations_of(shape.name, frozenset(value), is_input=not path)):
            own = self.found[start:]
            # Most structures without nested ones occur many times.
            comparable = not own and shape.is_flat and _COMPARABLE.issuperset(map(type, value.values()))
            if not (comparable and is_sound(asked, tuple(value.items()), self._partial)):
                self._check_relations(asked, Structure(value, path, self._partial), own)

    def _check_presence(self, shape: Shape, given: set[str], path: str) -> None:
        for name in () if self._partial else shape.required:
            if name not in given:
                here = f"{path}.{name}" if path else name
                self.found.append(Finding(here, "is required", _how_to_give(shape.members[name]), FindingKind.REQUIRED))
        if shape.union and (len(given) > 1 or not (given or self._partial)):
            got = " and ".join(name for name in shape.members if name in given) or "none"
            problem = f"must have exactly one of {', '.join(shape.members)}, got {got}"
            self.found.append(Finding(path or WHOLE, problem, "", FindingKind.UNION))

    def _check_relations(self, asked: Sequence[Relation], structure: Structure, own: Sequence[Finding]) -> None:
        # A member that is wrong by itself is reported once.
        start = len(structure.path)
        wrong = [found.member[start:].lstrip(".") for found in own if found.severity is Severity.ERROR] if own else []
        for relation in asked:
            if not (wrong and relation.names_any(wrong)):
                self.found += relation.findings(structure)

    def _check_map(self, shape: Shape, value: Mapping[Any, Any], path: str) -> None:
        for key, entry in value.items():
            if not (isinstance(key, str) and key.endswith(_RUNTIME_KEY) and _is_expression(entry)):
                self._check_part(shape.key, key, f"the key {shown(key)} of {path}")
                self._check_part(shape.value, entry, f"{path}[{key!r}]")

    def _check_text_for_number(self, shape: Shape, value: str, path: str) -> None:
        """Find a string that a deployment inserts where the API takes none."""
        if "${Token[" in value:
            wanted, fix = _WANTED[shape.type]
            problem = f"must be {wanted}, got a string that is known only when the stack is deployed"
            self.found.append(Finding(path, problem, fix, FindingKind.TYPE))


def _misnamed(shape: Shape, name: str, path: str) -> Finding:
    if name not in shape.members:
        return Finding(path, f"is not a member of {shape.name}", _what_it_may_be(name, shape), FindingKind.UNKNOWN)
    return Finding(path, f"is given twice, as {name} and {name}.$", "leave one out", FindingKind.RUNTIME)


def _check_expression(value: object, path: str) -> Iterator[Finding]:
    if not is_dynamic(value) and not _is_expression(value):
        problem = f"must be a path or an intrinsic function under {path.rpartition('.')[2]}.$, got {shown(value)}"
        yield Finding(path, problem, "write '$.member' or 'States.Format(...)', or drop the .$", FindingKind.RUNTIME)


def _is_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("$", "States."))


def _what_it_may_be(name: str, shape: Shape) -> str:
    """Return the fix for an unknown member: a known one misspelt, or else one newer than the installed botocore."""
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
