"""The input that an execution takes: named fields with types, bounds and defaults.

The same fields are checked in three places, which must agree: by Step Functions in JSONata (:func:`faults_in_jsonata`), by
Python before an execution is started (:meth:`InputShape.faults_of`), and by whoever reads the JSON Schema.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.literals import jsonata_name, jsonata_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

METADATA = "constructs-ml:inputs"
"""The key of a state machine's metadata in a template that has the JSON Schema of its input."""

VARIABLE = "workflowInputs"
"""The variable of a workflow that holds its checked input."""

SHOWN = 100
"""The most characters of a wrong value that a message shows."""

NESTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""The member that Step Functions asks for in the input of an execution that another one starts.

Source: "Start workflow executions from a task state in Step Functions" of the developer guide.
"""

FRESH = "fresh"
"""The member of an execution's input that has cached jobs run anew: true for all, or the names of their states."""

_URI = r"^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$"
MISSING: Any = object()
"""The default of a field that has none."""


class InputKind(Enum):
    """The type of a field, by JSON Schema's name."""

    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    LIST = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class InputField:
    """One field of an execution's input.

    Attributes:
        name: Its name.
        kind: Its type.
        default: Its value where the input has none; ``MISSING`` if the input must have one.
        choices: The only values it takes; empty for any.
        is_uri: Whether it is the URI of a place in S3.
        ge: The least value.
        gt: A value that it must exceed.
        le: The greatest value.
        lt: A value that it must stay below.
        min_length: The fewest characters or items.
        max_length: The most characters or items.
        items: The schema of each item of a list, or of each value of an object; None for anything.
        description: Its description.
    """

    name: str
    kind: InputKind
    default: Any = field(default_factory=lambda: MISSING)
    choices: tuple[str | int | float | bool, ...] = ()
    is_uri: bool = False
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    items: InputField | None = None
    description: str = ""

    @property
    def is_required(self) -> bool:
        """True if the input must have it."""
        return self.default is MISSING


@dataclass(frozen=True, slots=True)
class InputShape:
    """The members of an execution's input.

    Attributes:
        title: Its name.
        fields: Its fields.
        description: Its description.
        closed: Whether the input may have no other members.
        takes_fresh: Whether it may have :data:`FRESH`, of a workflow with cached jobs.
    """

    title: str
    fields: tuple[InputField, ...]
    description: str = ""
    closed: bool = True
    takes_fresh: bool = False

    @property
    def others(self) -> dict[str, str]:
        """The members that it may have besides its fields, with their descriptions."""
        fresh = {FRESH: "true, or names of states: the cached jobs that run anew"} if self.takes_fresh else {}
        found = {NESTED_BY: "The execution that started this one, if one did"} | fresh
        names = {each.name for each in self.fields}
        return {name: text for name, text in found.items() if name not in names}

    def faults_of(self, given: Any, *, is_later: Callable[[Any], bool] = lambda _: False) -> list[str]:  # noqa: ANN401 - JSON
        """Return what is wrong with an input, in the words of the workflow's first state.

        Args:
            given: The input.
            is_later: Returns whether a value is known only later, and cannot be judged.
        """
        return list(_input_faults(self, given, is_later))

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the input."""
        return _json_schema(self)


# What is allowed, in words ------------------------------------------------------------------------------------------

_WORDS = {
    InputKind.TEXT: ("a string", "strings"),
    InputKind.WHOLE: ("an integer", "integers"),
    InputKind.NUMBER: ("a number", "numbers"),
    InputKind.FLAG: ("true or false", "booleans"),
    InputKind.LIST: ("a list", "lists"),
    InputKind.OBJECT: ("an object", "objects"),
}


def allowed_values(wanted: InputField, *, several: bool = False) -> str:
    """Describe the values of a field: ``an integer from 1 to 32``.

    Args:
        wanted: The field.
        several: Use the plural: ``integers from 1 to 32``.
    """
    if wanted.choices:
        return f"{'any' if several else 'one'} of {', '.join(json.dumps(choice, ensure_ascii=False) for choice in wanted.choices)}"
    if wanted.is_uri:
        return "S3 URIs" if several else "an S3 URI such as s3://bucket/prefix/"
    words = [_WORDS[wanted.kind][several], _range_of(wanted)]
    if wanted.items is not None:
        words[0] += f" of {allowed_values(wanted.items, several=True)}"
    length = _length_of(wanted)
    if wanted.kind is InputKind.TEXT:
        return " ".join(filter(None, [*words, length and f"of {length}"]))
    return ", with ".join(filter(None, [" ".join(filter(None, words)), length]))


def _range_of(wanted: InputField) -> str:
    if wanted.ge is not None and wanted.le is not None:
        return f"from {wanted.ge} to {wanted.le}"
    bounds = (("of at least", wanted.ge), ("above", wanted.gt), ("of at most", wanted.le), ("below", wanted.lt))
    return " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)


def _length_of(wanted: InputField) -> str:
    unit = "character" if wanted.kind is InputKind.TEXT else "item"
    least, most = wanted.min_length, wanted.max_length
    if least and most is not None:
        return _counted(str(least) if least == most else f"{least} to {most}", most, unit)
    if least:
        return _counted(f"at least {least}", least, unit)
    return "" if most is None else _counted(f"at most {most}", most, unit)


def _counted(number: str, of: int, unit: str) -> str:
    return f"{number} {unit}{'' if of == 1 else 's'}"


# JSON Schema --------------------------------------------------------------------------------------------------------


def _json_schema(shape: InputShape) -> dict[str, Any]:
    """Write a shape as a JSON Schema.

    Source: JSON Schema, draft 2020-12.
    """
    members = {each.name: _schema_of(each) for each in shape.fields}
    if shape.closed:
        members |= {name: {"description": text} for name, text in shape.others.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": shape.title,
        **({"description": shape.description} if shape.description else {}),
        "type": "object",
        "properties": members,
        "required": [each.name for each in shape.fields if each.is_required],
        "additionalProperties": not shape.closed,
    }


_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


def _schema_of(wanted: InputField) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": wanted.kind.value}
    if wanted.description:
        schema["description"] = wanted.description
    if not wanted.is_required:
        schema["default"] = wanted.default
    if wanted.choices:
        schema["enum"] = list(wanted.choices)
    if wanted.is_uri:
        schema["pattern"] = _URI.replace(r"\/", "/")
    schema |= {name: getattr(wanted, bound) for bound, name in _BOUNDS.items() if getattr(wanted, bound) is not None}
    for bound in ("min", "max"):
        if (length := getattr(wanted, f"{bound}_length")) is not None:
            schema[f"{bound}{'Length' if wanted.kind is InputKind.TEXT else 'Items'}"] = length
    if wanted.items is not None:
        schema["items" if wanted.kind is InputKind.LIST else "additionalProperties"] = _schema_of(wanted.items)
    return schema


def input_shape(resource: Mapping[str, Any]) -> InputShape | None:
    """Return the shape of the input that a template's state machine declares; None if it declares none that can be read.

    Args:
        resource: The resource, of any template: its metadata may have been written by somebody else.
    """
    try:
        schema = resource["Metadata"][METADATA]
        fields = tuple(
            _field_of(name, member, required=name in schema["required"])
            for name, member in schema["properties"].items()
            if name != NESTED_BY and (name != FRESH or "type" in member)
        )
        return InputShape(
            schema["title"],
            fields,
            schema.get("description", ""),
            closed=not schema["additionalProperties"],
            takes_fresh="type" not in schema["properties"].get(FRESH, {"type": None}),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _field_of(name: str, schema: Mapping[str, Any], *, required: bool = True) -> InputField:
    kind = InputKind(schema["type"])
    inner = schema.get("items") or schema.get("additionalProperties")
    bounds = {bound: schema.get(member) for bound, member in _BOUNDS.items()}
    unit = "Length" if kind is InputKind.TEXT else "Items"
    return InputField(
        name,
        kind,
        default=MISSING if required else schema["default"],
        choices=tuple(schema.get("enum", ())),
        is_uri="pattern" in schema,
        min_length=schema.get(f"min{unit}"),
        max_length=schema.get(f"max{unit}"),
        items=_field_of("", inner) if inner else None,
        description=schema.get("description", ""),
        **bounds,
    )


# In Python ----------------------------------------------------------------------------------------------------------


def _input_faults(shape: InputShape, given: Any, is_later: Callable[[Any], bool]) -> Iterator[str]:  # noqa: ANN401 - JSON
    if not isinstance(given, Mapping):
        yield _no_object(shown(given))
        return
    for each in shape.fields:
        value = given.get(each.name, MISSING)
        if not is_later(value) and (fault := fault_of(each, value)):
            yield fault
    if shape.closed:
        names = {*shape.others, *(each.name for each in shape.fields)}
        yield from (_unknown(name) for name in given if name not in names)


def fault_of(wanted: InputField, value: Any) -> str:  # noqa: ANN401 - any JSON, or MISSING
    """Return the fault of a value of a field; an empty text if it has none."""
    if value is MISSING:
        return f"{wanted.name} is missing, must be {allowed_values(wanted)}" if wanted.is_required else ""
    return "" if _fits(wanted, value) else f"{wanted.name} must be {allowed_values(wanted)}, got {shown(value)}"


def _fits(wanted: InputField, value: Any) -> bool:  # noqa: ANN401
    if not _has_kind(wanted.kind, value):
        return False
    if wanted.choices:
        return value in wanted.choices
    if wanted.kind in {InputKind.WHOLE, InputKind.NUMBER}:
        return _in_range(wanted, value)
    if wanted.kind is InputKind.FLAG:
        return True
    is_place = not wanted.is_uri or re.fullmatch(_URI[1:-1], value) is not None
    return is_place and (wanted.min_length or 0) <= len(value) <= _most(wanted) and _items_fit(wanted, value)


def _items_fit(wanted: InputField, value: Any) -> bool:  # noqa: ANN401
    items = value.values() if isinstance(value, Mapping) else value
    return wanted.items is None or all(_fits(wanted.items, item) for item in items)


def _most(wanted: InputField) -> float:
    return math.inf if wanted.max_length is None else wanted.max_length


def _in_range(wanted: InputField, value: float) -> bool:
    return (
        (wanted.ge is None or value >= wanted.ge)
        and (wanted.gt is None or value > wanted.gt)
        and (wanted.le is None or value <= wanted.le)
        and (wanted.lt is None or value < wanted.lt)
    )


def _has_kind(kind: InputKind, value: Any) -> bool:  # noqa: ANN401
    if kind is InputKind.FLAG:
        return isinstance(value, bool)
    if kind in {InputKind.WHOLE, InputKind.NUMBER}:
        if isinstance(value, float):
            return math.isfinite(value) and (kind is InputKind.NUMBER or value.is_integer())
        return isinstance(value, int) and not isinstance(value, bool)
    types = {InputKind.TEXT: str, InputKind.LIST: list, InputKind.OBJECT: Mapping}
    return isinstance(value, types[kind])


def shown(value: Any) -> str:  # noqa: ANN401
    """Return the JSON of a value, cut where it is long."""
    return json.dumps(_as_in_jsonata(value), ensure_ascii=False, separators=(",", ":"))[:SHOWN]


def _as_in_jsonata(value: Any) -> Any:  # noqa: ANN401
    """A value whose whole numbers have no fraction: JSONata has one type of numbers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_as_in_jsonata(item) for item in value]
    return {name: _as_in_jsonata(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def _no_object(got: str) -> str:
    return f"the input must be an object, got {got}"


def _unknown(name: str) -> str:
    return f"{name} is not a field of the input"


# In JSONata ---------------------------------------------------------------------------------------------------------


def faults_in_jsonata(shape: InputShape) -> str:
    """Write an expression of JSONata: the faults of ``$states.input``, joined; an empty string if there are none.

    Args:
        shape: The fields.
    """
    faults = [_fault_in_jsonata(each) for each in shape.fields]
    if shape.closed:
        names = ", ".join(jsonata_text(name) for name in (*(each.name for each in shape.fields), *shape.others))
        faults.append(f"$keys($in)[$not($ in [{names}])] . ($ & ' is not a field of the input')")
    joined = f"$join([{', '.join(faults)}][$ != ''], '; ')"
    return (
        f"($in := $states.input; $show := function($v) {{ $substring({_AS_JSON}, 0, {SHOWN}) }}; "
        f"$type($in) = 'object' ? ($all := {joined}; $exists($all) ? $all : '') : {jsonata_text(_no_object(''))} & $show($in))"
    )


_AS_JSON = "$type($v) = 'string' ? $substring($string([$v]), 1, $length($string([$v])) - 2) : $string($v)"
"""A text in its quotes: ``$string`` leaves one bare, unless it is in a list."""


def _fault_in_jsonata(wanted: InputField) -> str:
    value = f"$in.{jsonata_name(wanted.name)}"
    allowed = allowed_values(wanted)
    wrong = f"{jsonata_text(f'{wanted.name} must be {allowed}, got ')} & $show({value})"
    missing = jsonata_text(f"{wanted.name} is missing, must be {allowed}") if wanted.is_required else "''"
    return f"$exists({value}) ? (({_fits_in_jsonata(wanted, value)}) ? '' : {wrong}) : {missing}"


def _fits_in_jsonata(wanted: InputField, value: str, depth: int = 0) -> str:
    kind = InputKind.NUMBER if wanted.kind is InputKind.WHOLE else wanted.kind
    tests = []
    if wanted.kind is InputKind.WHOLE:
        tests.append(f"$floor({value}) = {value}")
    if wanted.choices:
        tests.append(f"{value} in [{', '.join(_literal(choice) for choice in wanted.choices)}]")
    if wanted.is_uri:
        tests.append(f"$contains({value}, /{_URI}/)")
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    tests += [f"{value} {sign} {bound}" for name, sign in signs.items() if (bound := getattr(wanted, name)) is not None]
    size = f"$length({value})" if wanted.kind is InputKind.TEXT else f"$count({value})"
    tests += [f"{size} >= {wanted.min_length}"] if wanted.min_length else []
    tests += [f"{size} <= {wanted.max_length}"] if wanted.max_length is not None else []
    if wanted.items is not None:
        item = f"$item{depth}"
        inner = _fits_in_jsonata(wanted.items, item, depth + 1)
        each = f"$map({value}, function({item}) {{ $not({inner}) }})"
        if wanted.kind is InputKind.OBJECT:
            each = f"$each({value}, function({item}) {{ $not({inner}) }})"
        tests.append(f"$not(true in $append([], {each}))")
    has_kind = f"$type({value}) = '{kind.value}'"
    # Not all versions of JSONata leave out the right side of `and`, and the other tests refuse values of other types.
    return f"{has_kind} ? {' and '.join(tests)} : false" if tests else has_kind


def _literal(value: str | float | bool) -> str:
    return jsonata_text(value) if isinstance(value, str) else json.dumps(value)


def assigned_in_jsonata(shape: InputShape) -> dict[str, str]:
    """Write each field's value of the checked input as an expression: what was given, or the default."""
    values = {}
    for each in shape.fields:
        value = f"$states.input.{jsonata_name(each.name)}"
        if not each.is_required:
            value = f"$exists({value}) ? {value} : {_default(each.default)}"
        values[each.name] = f"{{% {value} %}}"
    return values


def _default(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{jsonata_text(name)}: {_default(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_default(item) for item in value) + "]"
    return _literal(value)
