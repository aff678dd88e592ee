"""Whether props are of the kinds that their annotations say, so that no other is read as if it were.

Texts, numbers and booleans among themselves are left to the check of the request, which knows more of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Fault
from constructs_ml.sagemaker.finding import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

ALIASES = {
    "App": "str | Path | S3Data",
    "Channels": "Mapping[str, S3Data | TrainingChannel | FileSystem | HubDataset]",
    "File": "MetricsFile | S3Data",
    "Inputs": "Mapping[str, S3Data | ProcessingInput]",
    "Outputs": "Sequence[str] | Mapping[str, S3Data | ProcessingOutput]",
    "Runtime": "Path | Expression | Format",
}
"""What the names of the annotations stand for that are no classes."""
OPEN = ("Any", "Range", "object")
"""Names of what may be anything, or is told by whoever reads it."""
PROTOCOLS = ("NamedModel",)
"""Names of what no class tells, as for the interfaces of aws-cdk-lib, whose names have a dot."""
SCALARS = {"bool": (bool,), "float": (int, float), "int": (int, float), "str": (str,)}
LISTS = ("Sequence", "list", "tuple")
MAPPINGS = ("Mapping", "dict")
_PLAIN = (str, bytes, int, float, dict, list, tuple, set)
_CALLED = {"str": "a string", "int": "a number", "float": "a number", "bool": "a boolean"}
_FIXES = {
    "Code": "pass Code.from_asset({})",
    "ContainerImage": "pass ContainerImage.from_registry({})",
    "Duration": "pass Duration.hours(1)",
    "S3Data": "pass S3Data.from_uri({})",
    "Size": "pass Size.gibibytes(30)",
    "iam.IRole": "pass iam.Role.from_role_arn(self, 'Role', {})",
    "kms.IKey": "pass kms.Key.from_key_arn(self, 'Key', {})",
}


@dataclass(frozen=True, slots=True)
class Kinds:
    """What an annotation allows.

    Attributes:
        names: The kinds by name.
        of_items: For each, the annotation of what is in it.
        scalars: Whether all are texts, numbers and booleans.
        text: Whether a text is the only one.
    """

    names: tuple[str, ...]
    of_items: tuple[str, ...]
    scalars: bool
    text: bool


def type_faults(annotations: Mapping[str, Any], props: Mapping[str, Any]) -> Iterator[Fault]:
    """What of some props cannot be read as what it should be.

    Args:
        annotations: The annotations of the props, as a module with ``from __future__ import annotations`` has them.
        props: The props; those without an annotation are left out.
    """
    for name, value in props.items():
        annotation = annotations.get(name)
        if annotation is not None:
            yield from _faults(getattr(annotation, "__forward_arg__", annotation), value, name)


def missing_faults(annotations: Mapping[str, str], props: Mapping[str, Any]) -> Iterator[Fault]:
    """The props that are None and must not be."""
    for name, value in props.items():
        if value is None and "None" not in annotations.get(name, "None"):
            yield Fault(name, "must be given, got None", _fix(_kinds(annotations[name]), "..."))


def _faults(annotation: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401 - whatever the user passed
    if value is None:
        return
    kinds = _kinds(annotation)
    # One scalar may stand for another, as tokens do; but no whole number is a token for a text.
    if kinds.scalars and not isinstance(value, (dict, list, tuple)) and not (kinds.text and isinstance(value, int)):
        return
    for name, of_items in zip(kinds.names, kinds.of_items, strict=True):
        if _is(name, value):
            if not _is_protocol(name):
                yield from _within(of_items, value, where)
            return
    yield _fault(kinds, value, where)


def _within(of_items: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _faults(of_items, item, f"{where}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from _faults(of_items, item, f"{where}[{at}]")
    elif is_dataclass(value) and type(value).__module__.startswith("constructs_ml."):
        for field in fields(value):
            yield from _faults(str(field.type), getattr(value, field.name), f"{where}.{field.name}")


def _is(name: str, value: Any) -> bool:  # noqa: ANN401
    if name in SCALARS:
        return isinstance(value, SCALARS[name])
    if name in MAPPINGS:
        return isinstance(value, Mapping)
    if name in LISTS:
        return isinstance(value, Iterable) and not isinstance(value, (str, Mapping))
    if name in OPEN:
        return True
    if _is_protocol(name):
        return not isinstance(value, _PLAIN)
    return any(base.__name__ == name for base in type(value).__mro__)


def _is_protocol(name: str) -> bool:
    return name in PROTOCOLS or "." in name


def _fault(kinds: Kinds, value: Any, where: str) -> Fault:  # noqa: ANN401
    wanted = " or ".join(dict.fromkeys(map(_called, kinds.names, kinds.of_items)))
    if isinstance(value, str) and set(kinds.names) & set(LISTS):
        return Fault(where, f"must be {wanted}, got the text {shown(value)}", f"pass [{shown(value)}]")
    number_for_text = kinds.text and isinstance(value, int)
    fix = f"pass '{value}'" if number_for_text else _fix(kinds, shown(value) if isinstance(value, str) else "...")
    return Fault(where, f"must be {wanted}, got {type(value).__name__} {shown(value)}", fix)


def _fix(kinds: Kinds, given: str) -> str:
    return next((_FIXES[name].format(given) for name in kinds.names if name in _FIXES), "")


def _called(name: str, of_items: str) -> str:
    if name in LISTS:
        return "a list of texts" if of_items == "str" else "a list"
    if name in MAPPINGS:
        return "a mapping"
    return _CALLED.get(name) or f"{'an' if name[0] in 'AEIOUaeiou' or name.startswith('S3') else 'a'} {name}"


@cache
def _kinds(annotation: str) -> Kinds:
    names, of_items = zip(*_alternatives(ast.parse(annotation, mode="eval").body), strict=True)
    return Kinds(names, of_items, scalars=all(name in SCALARS for name in names), text=set(names) == {"str"})


def _alternatives(node: ast.expr) -> Iterator[tuple[str, str]]:
    """The kinds in an annotation, each with the annotation of what is in it."""
    if isinstance(node, ast.BinOp):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        head = ast.unparse(node.value)
        yield head, ast.unparse(inner[1 if head in MAPPINGS else 0])
    elif isinstance(node, (ast.Name, ast.Attribute)):
        name = ast.unparse(node)
        if name in ALIASES:
            yield from _alternatives(ast.parse(ALIASES[name], mode="eval").body)
        else:
            yield name, "Any"
