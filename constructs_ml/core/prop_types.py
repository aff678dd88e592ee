"""Checks props against the kinds that their annotations allow, so that no other value is read as if it were one.

Texts, numbers and booleans among themselves are left to the check of the request, which knows more of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from numbers import Number
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.dynamic import is_dynamic, is_number_token, is_whole
from constructs_ml.core import enums
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

_PROXY = "InterfaceDynamicProxy"
"""The class of what is known to jsii by its interfaces only."""
_COLLECTIONS = (list, tuple, set, frozenset)
_CALLED = {
    "Any": "what JSON can hold or a construct",
    "str": "a string",
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
    "type": "a class",
}


_GRANTED = {"iam.IRole", "s3.IBucket", "kms.IKey"}
"""Kinds that permissions are derived from."""


def type_faults(annotations: Mapping[str, Any], props: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the faults of props that cannot be read as what they should be.

    Args:
        annotations: The annotations of the props, as a module with ``from __future__ import annotations`` has them.
        props: The props; those without an annotation are left out.
    """
    for name, value in props.items():
        annotation = annotations.get(name)
        text = getattr(annotation, "__forward_arg__", annotation)
        if text is not None and value is not None and not _takes(text, value.__class__):
            yield from _faults(text, value, name)


def missing_faults(annotations: Mapping[str, str], props: Mapping[str, Any]) -> Iterator[Fault]:
    """The props that are None and must not be."""
    for name, value in props.items():
        if value is None and "None" not in annotations.get(name, "None"):
            yield Fault(name, "is required, got None", usual_fix(kinds_of(annotations[name]).names))


def required_fault(name: str, annotation: str) -> Fault:
    """The fault of a prop that is missing and must not be."""
    return Fault(name, "is required", usual_fix(kinds_of(annotation).names))


_WITH_UNITS = {"Duration", "Size"}


def _faults(annotation: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401 - whatever the user passed
    """Find the faults of a value that :func:`_takes` does not accept."""
    of_items = _of_items(annotation, value.__class__)
    if of_items is not None:
        yield from _within(of_items, value, where)
        return
    kinds = kinds_of(annotation)
    if value is None:
        yield Fault(where, "must not be None", usual_fix(kinds.names) or "leave it out")
    elif is_number_token(value) and "str" in kinds.names and not kinds.scalars:
        return
    elif _is_no_number(value):
        yield Fault(where, f"must be a finite number, got {value!r}", "JSON has no other")
    elif isinstance(value, str) and value.isdecimal() and set(kinds.names) & _WITH_UNITS:
        # A text is taken for what is known only later.
        yield replace(_fault(kinds, int(value), where), problem=f"must have a unit, got the string {value!r}")
    # One scalar may stand for another, as tokens do; but no plain number is a token for a text.
    elif kinds.scalars and _is_scalar(value) and not (kinds.text and _is_plain_number(value)):
        return
    else:
        for name, items in zip(kinds.names, kinds.of_items, strict=True):
            if _is(name, value):
                yield from _within(items, value, where)
                return
        yield _fault(kinds, value, where)


@cache
def _takes(annotation: str, cls: Any) -> bool:  # noqa: ANN401 - a class
    """Return whether an annotation allows all values of a class, whatever is in them."""
    if cls is type(None):
        return annotation == "Any" or "None" in annotation
    kinds = kinds_of(annotation)
    if cls in (str, int, bool):
        return kinds.scalars and (cls is str or not kinds.text)
    if issubclass(cls, (float, Mapping, Iterable)) or is_dataclass(cls) or cls.__name__ == _PROXY:
        return False
    return any(name.rpartition(".")[2] in _names_of_class(cls) for name in kinds.names)


@cache
def _of_items(annotation: str, cls: Any) -> str | None:  # noqa: ANN401 - a class
    """Return the annotation of what is in a mapping, a list or a dataclass of a class; None if it may not be one."""
    if cls not in (dict, list, tuple) and not is_dataclass(cls):
        return None
    kinds = kinds_of(annotation)
    wanted = MAPPINGS if cls is dict else LISTS if cls in (list, tuple) else _names_of_class(cls)
    pairs = zip(kinds.names, kinds.of_items, strict=True)
    # A list may be a token, and anything else than a class's name may be wanted first.
    other = {*OPEN, *PROTOCOLS} if cls is dict else {*OPEN, *PROTOCOLS, WHOLE}
    plain = not other & set(kinds.names)
    return next((items for name, items in pairs if plain and name.rpartition(".")[2] in wanted), None)


def _within(of_items: str, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield Fault(where, f"must have strings as keys, got {type(key).__name__} {shown(key)}", f"pass '{key}'")
            if not _takes(of_items, item.__class__):
                yield from _faults(of_items, item, f"{where}[{key!r}]")
    elif is_dataclass(value):
        for name, annotation in _fields_of(value.__class__):
            item = getattr(value, name)
            if not _takes(annotation, item.__class__):
                yield from _faults(annotation, item, f"{where}.{name}")
    else:
        for at, item in enumerate(value if isinstance(value, _COLLECTIONS) else ()):
            if not _takes(of_items, item.__class__):
                yield from _faults(of_items, item, f"{where}[{at}]")


@cache
def _fields_of(cls: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - a dataclass
    """Return the fields of a dataclass of this library, with their annotations; none of others."""
    ours = cls.__module__.startswith("constructs_ml.")
    return tuple((field.name, str(field.type)) for field in fields(cls) if field.init) if ours else ()


_NO_TEXTS = (bool, int, type(None))
_FROM_TEXT: dict[str, Callable[[str], Any]] = {}


def made_from_text(name: str, make: Callable[[str], Any]) -> None:
    """Let props that take values of a class also take the S3 URIs from which such a value is made.

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
    made = dict(props)
    for name, value in props.items():
        if value.__class__ not in _NO_TEXTS and (annotation := annotations.get(name)) is not None:
            made[name] = _of_text(str(getattr(annotation, "__forward_arg__", annotation)), value)
    return made


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
    # What is made of a text holds none.
    return _with_fields_of_texts(value) if is_dataclass(value) and type(value).__name__ not in _FROM_TEXT else value


def _with_fields_of_texts(value: Any) -> Any:  # noqa: ANN401
    changed = {}
    for name, annotation in _fields_of(value.__class__):
        item = getattr(value, name)
        if item.__class__ not in _NO_TEXTS and (made := _of_text(annotation, item)) is not item:
            changed[name] = made
    return replace(value, **changed) if changed else value


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
        return not isinstance(value, type) and all(hasattr(value, member) for member in PROTOCOLS[name])
    return name.rpartition(".")[2] in names_of(value)


def names_of(value: Any) -> frozenset[str]:  # noqa: ANN401
    """Return the names of the classes and of jsii's interfaces that a value is of."""
    if _is_proxy(value):
        return frozenset().union(*(_names_of_class(cast("Any", type(part))) for part in value._delegates))  # noqa: SLF001 - jsii has no public way
    return _names_of_class(cast("Any", type(value)))


@cache
def _names_of_class(cls: Any) -> frozenset[str]:  # noqa: ANN401 - a class
    interfaces = [
        base for each in cls.__mro__ for face in getattr(each, "__jsii_ifaces__", ()) for base in face.__mro__
    ]
    return frozenset(
        {
            *(each.__name__ for each in (*cls.__mro__, *interfaces)),
            *(str(getattr(each, "__jsii_type__", "")).rpartition(".")[2] for each in cls.__mro__),
        }
    )


def _is_plain_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, Number) and not is_dynamic(value)


def _is_no_number(value: Any) -> bool:  # noqa: ANN401
    """Return whether a value is NaN or infinite: JSON cannot hold it, and aws-cdk-lib's process ends when it gets it."""
    return isinstance(value, (float, Decimal)) and not math.isfinite(value)


def _is_scalar(value: Any) -> bool:  # noqa: ANN401
    """A string, a number, or an object of aws-cdk-lib's that may stand for one."""
    return isinstance(value, (str, Number)) or _is_jsii(value)


def _is_jsii(value: Any) -> bool:  # noqa: ANN401
    return any(hasattr(type(value), name) for name in ("__jsii_type__", "__jsii_ifaces__")) or _is_proxy(value)


def _is_proxy(value: Any) -> bool:  # noqa: ANN401
    """An imported resource, of which jsii knows only the interfaces."""
    return type(value).__name__ == _PROXY


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
        return Fault(where, f"must be {wanted}, got the string {shown(value)}", f"pass [{shown(value)}]")
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
    granted = " of one that is known before the workflow runs" if set(kinds.names) & _GRANTED else ""
    return Fault(where, problem, f"{usual_fix(kinds.names)}{granted}".strip())


def _called(name: str, of_items: str) -> str:
    if name in LISTS:
        # A choice is its value, a text.
        texts = all(item == "str" or hasattr(enums, item) for item in of_items.split(" | "))
        return "a list of strings" if texts else "a list"
    if name in MAPPINGS:
        return "a mapping"
    return _CALLED.get(name) or f"{'an' if name[0] in 'AEIOUaeiou' or name.startswith('S3') else 'a'} {name}"
