"""Checks of requests to other services: faults that the service or Step Functions would refuse.

A name that differs from a member in its case is certain to be wrong only where it begins with a small letter: how an acronym is
written is likely, not documented for each member, so that it is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.errors import Finding, FindingKind, Severity, shown
from constructs_ml.sagemaker.model import if_newer
from constructs_ml.services.model import service
from constructs_ml.services.optimized import TAKEN, OfApi, Own
from constructs_ml.spelling import did_you_mean, is_near, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.services.model import Shape

_RUNTIME_KEY = ".$"
_SDK = "aws-sdk:"
_KINDS: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "structure": ("an object", (dict, Mapping)),
    "map": ("an object", (dict, Mapping)),
    "list": ("a list", (list,)),
    "string": ("a string", (str,)),
    "integer": ("a whole number", (int,)),
    "long": ("a whole number", (int,)),
    "float": ("a number", (int, float)),
    "double": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
}
# Java's SDK gives it a value if it is lacking.
_MADE_UP = {("glacier", "AccountId")}


def input_of(name: str) -> Shape | Own | None:
    """Return the input of a call; None if it is unknown, or the call has none.

    Args:
        name: The service and the action of a resource: ``sqs:sendMessage``, ``aws-sdk:s3:getObject``.
    """
    found = TAKEN.get(name)
    if isinstance(found, Own):
        return found
    if isinstance(found, OfApi):
        model = service(found.service)
        known = model is not None and found.operation in model.raw["operations"]
        return model.input(found.operation, found.free) if model and known else None
    if not name.startswith(_SDK):
        return None
    named, _, action = name.removeprefix(_SDK).partition(":")
    model = service(named)
    operation = model.actions.get(action) if model else None
    return model.input(operation) if model and operation else None


def check(name: str, request: Mapping[str, Any]) -> list[Finding]:
    """Find the faults of a request.

    Args:
        name: The service and the action of a resource.
        request: The request. A member whose name ends in ``.$`` is known only at run time.
    """
    shape = input_of(name)
    if shape is None:
        return []
    if isinstance(shape, Own):
        return list(_of_own(shape, request, name))
    return list(_Check(name).structure(shape, request, ""))


def _of_own(own: Own, request: Mapping[str, Any], name: str) -> Iterator[Finding]:
    known = (*own.required, *own.optional)
    given = {_plain(key) for key, value in request.items() if value is not None}
    meant = set()
    for key in given - set(known):
        near = _meant(key, dict.fromkeys(known, ""))
        meant.add(near)
        yield _unknown(key, near, name, known)
    for member in own.required:
        if member not in given | meant:
            yield Finding(member, "is required", "", FindingKind.REQUIRED)
    if own.one_of and not (given | meant) & set(own.one_of):
        yield Finding(own.one_of[0], "is required", f"or write {' or '.join(own.one_of[1:])}", FindingKind.REQUIRED)
    for member, values in own.values.items():
        value = request.get(member)
        if value is not None and value not in values and not _is_later(value):
            problem = f"must be one of {', '.join(values)}, got {shown(value)}"
            yield Finding(member, problem, did_you_mean(value, values).removeprefix("; "), FindingKind.ENUM)


class _Check:
    """A walk over a request of an API.

    Args:
        name: The service and the action of the resource.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._sdk = name.startswith(_SDK)
        self._service = name.removeprefix(_SDK).partition(":")[0]

    def structure(self, shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[Finding]:
        """Find the faults of an object and its members."""
        given = set()
        for key, item in value.items():
            name = _plain(key)
            here = f"{path}.{name}" if path else name
            if item is None:
                continue
            if name not in shape.members:
                meant = _meant(name, shape.native)
                given.add(meant)
                # An optimized integration may take names as the API writes them, as DynamoDB's BOOL.
                if self._sdk or name not in shape.native or name[:1].islower():
                    yield _unknown(here, meant, shape.name, shape.members)
                continue
            given.add(name)
            if name == key:
                yield from self.value(shape.members[name], item, here)
        for name in shape.required:
            if name not in given and f"{name}Value" not in given and (self._service, name) not in _MADE_UP:
                yield Finding(f"{path}.{name}" if path else name, "is required", "", FindingKind.REQUIRED)

    def value(self, shape: Shape, value: Any, path: str) -> Iterator[Finding]:  # noqa: ANN401 - JSON
        """Find the faults of a value."""
        if shape.type not in _KINDS or _is_later(value):
            return
        wrong = _wrong_type(shape, value, path) or _wrong_value(shape, value, path)
        if wrong:
            yield wrong
        elif shape.type == "structure":
            yield from self.structure(shape, value, path)
        elif shape.type == "map":
            for key, item in value.items():
                if not str(key).endswith(_RUNTIME_KEY) and item is not None:
                    yield from self.value(shape.value, item, f"{path}[{key!r}]")
        elif shape.type == "list":
            for at, item in enumerate(value):
                yield from self.value(shape.member, item, f"{path}[{at}]")


def _wrong_value(shape: Shape, value: Any, path: str) -> Finding | None:  # noqa: ANN401 - JSON
    """Return the finding that a string resembles one of the known values; any other may be newer than the model."""
    near = nearest(value, shape.enum) if shape.enum and value not in shape.enum else []
    if not near or not is_near(value, near[0]):
        return None
    problem = f"is {shown(value)}, which is none of the values that it may have"
    return Finding(path, problem, f"did you mean {near[0]!r}?", FindingKind.ENUM, Severity.WARNING)


def _wrong_type(shape: Shape, value: Any, path: str) -> Finding | None:  # noqa: ANN401 - JSON
    wanted, types = _KINDS[shape.type]
    if isinstance(value, types) and (not isinstance(value, bool) or shape.type == "boolean"):
        return None
    if shape.type in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        return None
    # An object in the place of a text is written as JSON by some integrations; by which, is documented for few.
    unsure = shape.type == "string" and isinstance(value, (dict, list))
    severity = Severity.WARNING if unsure else Severity.ERROR
    fix = _written(shape.type, value)
    return Finding(path, f"must be {wanted}, got {_got(value)}", fix, FindingKind.TYPE, severity)


def _plain(key: object) -> str:
    return str(key).removesuffix(_RUNTIME_KEY)


def _is_later(value: Any) -> bool:  # noqa: ANN401 - JSON
    return is_dynamic(value) or (isinstance(value, str) and "${" in value)


def _meant(name: str, native: Mapping[str, str]) -> str:
    """Return the member that an unknown name means, by its likely spelling; empty if none is near."""
    by_case = {known.lower(): likely or known for known, likely in native.items()}
    if name.lower() in by_case:
        return by_case[name.lower()]
    spelled = {likely or known for known, likely in native.items()}
    near = nearest(name, spelled)
    return near[0] if near and is_near(name, near[0]) else ""


def _unknown(member: str, meant: str, shape: str, known: Any) -> Finding:  # noqa: ANN401 - names
    name = re.split(r"[.\]]", member)[-1]
    if meant.lower() == name.lower() and meant[1:] != name[1:]:
        problem = f"is likely written {meant} in Step Functions"
        return Finding(member, problem, "", FindingKind.UNKNOWN, Severity.WARNING)
    if meant.lower() == name.lower():
        problem = f"must be written {meant}: names of members begin with a capital in Step Functions"
        return Finding(member, problem, "", FindingKind.UNKNOWN)
    if meant.startswith(name) and meant.endswith("Value"):
        return Finding(
            member, f"is likely written {meant} in Step Functions", "", FindingKind.UNKNOWN, Severity.WARNING
        )
    if meant:
        return Finding(member, f"is not a member of {shape}", f"did you mean {meant}?", FindingKind.UNKNOWN)
    hint = did_you_mean(name, known).removeprefix("; ") or if_newer()
    return Finding(member, f"is not a member of {shape}", hint, FindingKind.UNKNOWN, Severity.WARNING)


def _got(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else shown(value)


def _written(wanted: str, value: Any) -> str:  # noqa: ANN401 - JSON
    """Return the fix for a value of the wrong type."""
    if wanted == "string" and isinstance(value, (bool, int, float)):
        return f'write "{str(value).lower()}"'
    if wanted == "string":
        return "write it as a string: States.JsonToString(…), or $string(…) in JSONata"
    if wanted == "boolean" and isinstance(value, str) and value.lower() in {"true", "false"}:
        return f"write {value.lower()} without quotes"
    numbers = wanted in {"integer", "long", "float", "double"}
    if numbers and isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"write {value} without quotes"
    if wanted == "list" and isinstance(value, str):
        return f"write [{shown(value)}]"
    return ""
