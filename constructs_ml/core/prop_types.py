"""Whether props are of the kinds that their annotations say, so that no other is read as if it were.

Texts, numbers and booleans among themselves are left to the check of the request, which knows more of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from numbers import Number
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic, is_number_token, is_whole
from constructs_ml.core.prop_kinds import (
    LISTS,
    MAPPINGS,
    OPEN,
    PROTOCOLS,
    SCALARS,
    WHOLE,
    Kinds,
    fix_of,
    kinds_of,
    usual_fix,
)
from constructs_ml.errors import Fault, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_COLLECTIONS = (list, tuple, set, frozenset)
_CALLED = {
    "Any": "what JSON can hold or a construct",
    "str": "a string",
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
}


_GRANTED = {"iam.IRole", "s3.IBucket", "kms.IKey"}
"""What permissions are derived from."""


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
            yield Fault(name, "must be given, got None", usual_fix(kinds_of(annotations[name]).names))


def required_fault(name: str, annotation: str) -> Fault:
    """The fault of a prop that is missing and must not be."""
    return Fault(name, "must be given", usual_fix(kinds_of(annotation).names))


_WITH_UNITS = {"Duration", "Size"}


def _faults(annotation: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401 - whatever the user passed
    if value is None:
        return
    kinds = kinds_of(annotation)
    if is_number_token(value) and "str" in kinds.names and not kinds.scalars:
        return
    if _is_no_number(value):
        yield Fault(where, f"must be a finite number, got {value!r}", "JSON has no other")
        return
    if isinstance(value, str) and value.isdecimal() and set(kinds.names) & _WITH_UNITS:
        # A text is taken for what is known only later.
        yield replace(_fault(kinds, int(value), where), problem=f"must be given with its unit, got the text {value!r}")
        return
    # One scalar may stand for another, as tokens do; but no plain number is a token for a text.
    if kinds.scalars and _is_scalar(value) and not (kinds.text and _is_plain_number(value)):
        return
    for name, of_items in zip(kinds.names, kinds.of_items, strict=True):
        if _is(name, value):
            yield from _within(of_items, value, where)
            return
    yield _fault(kinds, value, where)


def _within(of_items: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield Fault(where, f"must have texts for keys, got {type(key).__name__} {shown(key)}", f"pass '{key}'")
            yield from _item_faults(of_items, item, f"{where}[{key!r}]")
    elif isinstance(value, _COLLECTIONS):
        for at, item in enumerate(value):
            yield from _item_faults(of_items, item, f"{where}[{at}]")
    elif is_dataclass(value) and _is_ours(value):
        for field in fields(value):
            yield from _item_faults(str(field.type), getattr(value, field.name), f"{where}.{field.name}")


_FROM_TEXT: dict[str, Callable[[str], Any]] = {}


def made_from_text(name: str, make: Callable[[str], Any]) -> None:
    """Has props that take values of a class take the S3 URIs too that such a value is made of.

    Args:
        name: The name of the class.
        make: Makes a value of a URI.
    """
    _FROM_TEXT[name] = make


def with_values_of_texts(annotations: Mapping[str, Any], props: Mapping[str, Any]) -> dict[str, Any]:
    """The props, with values in the place of the URIs that they are made of.

    Args:
        annotations: The annotations of the props.
        props: The props.
    """
    kinds = {name: annotations.get(name, "Any") for name in props}
    return {
        name: _of_text(str(getattr(kinds[name], "__forward_arg__", kinds[name])), value)
        for name, value in props.items()
    }


def _of_text(annotation: str, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        if not (value.startswith("s3://") or is_dynamic(value)):
            return value
        # Where texts are taken for something else, whoever reads them tells them apart.
        names = kinds_of(annotation).names
        makes = [_FROM_TEXT[name] for name in names if name in _FROM_TEXT] if "str" not in names else []
        return makes[0](value) if makes else value
    if isinstance(value, (dict, list, tuple)):
        kinds = kinds_of(annotation)
        for name, of_items in zip(kinds.names, kinds.of_items, strict=True):
            if name in MAPPINGS and isinstance(value, dict):
                return {key: _of_text(of_items, item) for key, item in value.items()}
            if name in LISTS and not isinstance(value, dict) and not is_dynamic(value):
                return type(value)(_of_text(of_items, item) for item in value)
    return _with_fields_of_texts(value) if is_dataclass(value) and _is_ours(value) else value


def _with_fields_of_texts(value: Any) -> Any:  # noqa: ANN401
    given = {field.name: (str(field.type), getattr(value, field.name)) for field in fields(value) if field.init}
    made = {name: _of_text(annotation, item) for name, (annotation, item) in given.items()}
    changed = {name: item for name, item in made.items() if item is not given[name][1]}
    return replace(value, **changed) if changed else value


def _item_faults(annotation: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401
    """Those of an item, an entry or a field, which as None would be written as a text, or left out without a word."""
    if value is not None:
        yield from _faults(annotation, value, where)
    elif annotation != "Any" and "None" not in annotation:
        yield Fault(where, "must be given, got None", usual_fix(kinds_of(annotation).names) or "leave it out")


def _is(name: str, value: Any) -> bool:  # noqa: ANN401, PLR0911 - a way to tell each kind
    if name == WHOLE:
        return is_whole(value)
    if name in SCALARS:
        return isinstance(value, SCALARS[name])
    if name in MAPPINGS:
        return isinstance(value, Mapping)
    if name in LISTS:
        return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
    if name in OPEN:
        return name != "Any" or _is_scalar(value) or isinstance(value, (Mapping, list, tuple))
    if name in PROTOCOLS:
        return all(hasattr(value, member) for member in PROTOCOLS[name])
    return name.rpartition(".")[2] in names_of(value)


def names_of(value: Any) -> set[str]:  # noqa: ANN401
    """The names of the classes and of jsii's interfaces that a value is of."""
    classes = [base for part in (value._delegates if _is_proxy(value) else [value]) for base in type(part).__mro__]  # noqa: SLF001 - jsii has no public way
    interfaces = [base for cls in classes for face in getattr(cls, "__jsii_ifaces__", ()) for base in face.__mro__]
    return {
        *(cls.__name__ for cls in (*classes, *interfaces)),
        *(str(getattr(cls, "__jsii_type__", "")).rpartition(".")[2] for cls in classes),
    }


def _is_ours(value: Any) -> bool:  # noqa: ANN401
    return type(value).__module__.startswith("constructs_ml.")


def _is_plain_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, Number) and not is_dynamic(value)


def _is_no_number(value: Any) -> bool:  # noqa: ANN401
    """Whether a value is NaN or infinite: JSON cannot hold it, and aws-cdk-lib's process ends when it gets it."""
    return isinstance(value, (float, Decimal)) and not math.isfinite(value)


def _is_scalar(value: Any) -> bool:  # noqa: ANN401
    """A text, a number, or an object of aws-cdk-lib's that may stand for one."""
    return isinstance(value, (str, Number)) or _is_jsii(value)


def _is_jsii(value: Any) -> bool:  # noqa: ANN401
    return any(hasattr(type(value), name) for name in ("__jsii_type__", "__jsii_ifaces__")) or _is_proxy(value)


def _is_proxy(value: Any) -> bool:  # noqa: ANN401
    """An imported resource, of which jsii knows only the interfaces."""
    return type(value).__name__ == "InterfaceDynamicProxy"


def listed(value: Any) -> Any:  # noqa: ANN401
    """A value with lists for tuples and plain mappings for others, which jsii does not take."""
    if isinstance(value, Mapping):
        return {key: listed(item) for key, item in value.items()}
    return [listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _fault(kinds: Kinds, value: Any, where: str) -> Fault:  # noqa: ANN401
    said = [pair for pair in zip(kinds.names, kinds.of_items, strict=True) if pair[0] != WHOLE]
    wanted = " or ".join(dict.fromkeys(_called(*pair) for pair in said))
    if is_whole(value):
        return _of_later(kinds, where, wanted)
    if isinstance(value, str) and set(kinds.names) & set(LISTS):
        return Fault(where, f"must be {wanted}, got the text {shown(value)}", f"pass [{shown(value)}]")
    plain = kinds.text and isinstance(value, (Number, PurePath))
    fix = f"pass '{value}'" if plain else fix_of(kinds.names, value)
    # A construct's text is its address in memory.
    got = "" if _is_jsii(value) else f" {shown(value)}"
    return Fault(where, f"must be {wanted}, got {type(value).__name__}{got}", fix)


def _of_later(kinds: Kinds, where: str, wanted: str) -> Fault:
    """The fault of a value that is known only later where it must be known, or its items must."""
    problem = f"must be {wanted}, got a value that is known only later"
    if set(kinds.names) & {*LISTS, *MAPPINGS}:
        return Fault(where, problem, "pass its items one by one; each may be a JsonPath, JSONata or a token")
    granted = " of one that is known before anything runs" if set(kinds.names) & _GRANTED else ""
    return Fault(where, problem, f"{usual_fix(kinds.names)}{granted}".strip())


def _called(name: str, of_items: str) -> str:
    if name in LISTS:
        return "a list of texts" if of_items == "str" else "a list"
    if name in MAPPINGS:
        return "a mapping"
    return _CALLED.get(name) or f"{'an' if name[0] in 'AEIOUaeiou' or name.startswith('S3') else 'a'} {name}"
