"""Typed, documented inputs of a workflow, as the fields of a class."""

from __future__ import annotations

import inspect
import json
import math
import re
import sys
import types
from collections import ChainMap
from dataclasses import replace
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NewType,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.inputs import MISSING, VARIABLE, InputField, InputKind, InputShape, allowed_values, fault_of
from constructs_ml.core.values import flag_at, number_at
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

S3Uri = NewType("S3Uri", str)
"""The URI of a place in S3: ``s3://bucket/prefix/``."""

_KINDS: Mapping[Any, InputKind] = {
    str: InputKind.TEXT,
    int: InputKind.WHOLE,
    float: InputKind.NUMBER,
    bool: InputKind.FLAG,
    list: InputKind.LIST,
    dict: InputKind.OBJECT,
}
_BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length")
_TYPES = "str, int, float, bool, ml.S3Uri, Literal, an Enum, or a list or dict[str, …] of these"


class ExecutionInput:
    """Declares what an execution of a workflow takes: fields with types, bounds, defaults and descriptions.

    A subclass has a field for each member of the input. Its attributes stand for the members' values in the props of jobs
    and of aws-cdk-lib's own states::

        class Inputs(ml.ExecutionInput):
            day: Annotated[str, Doc("The day to train on, such as 2026-01-31")]
            rows: ml.S3Uri
            max_depth: Annotated[int, Ge(1), Le(32)] = 6
            instance: Literal["ml.m5.xlarge", "ml.m5.4xlarge"] = "ml.m5.xlarge"

        train = ml.TrainingJob(
            self, "Train", image=image, code=code,
            channels={"train": ml.S3Data.from_uri(Inputs.rows, within=["s3://raw-data/"])},
            hyperparameters={"max_depth": Inputs.max_depth}, instance_type=Inputs.instance,
        )
        ml.Workflow(self, "Workflow", definition=train, inputs=Inputs)

    The first state of the workflow fills in defaults, and fails the execution with ``InvalidInput`` and all faults in its
    cause if a field is missing, has a wrong value, or is not known. The values are in the workflow variable
    ``$workflowInputs``: JSONata and JSONPath expressions of yours may use ``$workflowInputs.day``. The iterations of a
    distributed Map see them if it is an ``ml.DistributedMap(inputs=Inputs)``.

    Fields are annotated with ``str``, ``int``, ``float``, ``bool``, :data:`S3Uri`, ``Literal[...]``, an ``Enum``, and ``list``
    or ``dict`` of those. ``Annotated`` adds bounds by `annotated-types <https://pypi.org/project/annotated-types>`_ (``Ge``,
    ``Gt``, ``Le``, ``Lt``, ``Interval``, ``MinLen``, ``MaxLen``, ``Len``), or by any object with their attributes, and a
    description by ``typing_extensions.Doc`` or a string.

    A subclass of a subclass has its fields too, and may give them other defaults. ``class Inputs(ml.ExecutionInput,
    closed=False)`` accepts members that are not fields.

    Raises:
        InvalidPropsError: If a field has a type or a bound that cannot be checked, or a default that it does not allow.
    """

    shape: ClassVar[InputShape] = InputShape("ExecutionInput", ())
    """The fields, as data."""

    def __init_subclass__(cls, *, closed: bool | None = None, **options: Any) -> None:  # noqa: ANN401 - of other base classes
        super().__init_subclass__(**options)
        inherited = {each.name: each for base in reversed(cls.__mro__[1:]) for each in _fields_of(base)}
        own, faults = _declared(cls, inherited)
        fields = {**inherited, **own}
        if not fields and not faults:
            faults.append(Fault(cls.__name__, "has no fields", "write one: `day: str`"))
        if faults:
            raise InvalidPropsError(cls.__qualname__, faults)
        summary = (vars(cls).get("__doc__") or "").strip().partition("\n")[0]
        cls.shape = InputShape(
            cls.__name__, tuple(fields.values()), summary, closed=cls.shape.closed if closed is None else closed
        )
        for each in own.values():
            setattr(cls, each.name, _Value(each))

    @classmethod
    def faults_of(cls, given: Any) -> list[str]:  # noqa: ANN401 - any JSON
        """Return what is wrong with an input, in the words that an execution would fail with.

        Args:
            given: The input: what ``json.loads`` gives.
        """
        return cls.shape.faults_of(given)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of the input."""
        return cls.shape.json_schema()


class _Value:
    """Stands for the value of a field: a token, made when it is first asked for, as each is a call to Node."""

    def __init__(self, of: InputField) -> None:
        self._field = of
        self._token: Any = None

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401 - a token of the field's type
        if self._token is None:
            self._token = _TOKENS.get(self._field.kind, sfn.JsonPath.string_at)(f"${VARIABLE}.{self._field.name}")
        return self._token


_TOKENS: Mapping[InputKind, Callable[[str], Any]] = {
    InputKind.WHOLE: number_at,
    InputKind.NUMBER: number_at,
    InputKind.FLAG: flag_at,
    InputKind.LIST: sfn.JsonPath.list_at,
    InputKind.OBJECT: sfn.JsonPath.object_at,
}


# From annotations to fields -----------------------------------------------------------------------------------------


def _fields_of(cls: type) -> tuple[InputField, ...]:
    shape = vars(cls).get("shape")
    return shape.fields if isinstance(shape, InputShape) else ()


def _declared(cls: type, inherited: Mapping[str, InputField]) -> tuple[dict[str, InputField], list[Fault]]:
    """The fields that a class declares itself, and those whose defaults it changes."""
    hints, given = _hints_of(cls), vars(cls)
    found: dict[str, InputField] = {}
    faults = []
    changed = [name for name in given if name in inherited and name not in hints]
    for name in (*hints, *changed):
        try:
            field = _field_of(name, hints[name]) if name in hints else inherited[name]
            found[name] = _with_default(field, given.get(name, MISSING))
        except ValueError as error:
            faults.append(Fault(name, str(error)))
    annotated = inspect.get_annotations(cls)
    untyped = [name for name, value in given.items() if _is_data(name, value) and name not in {*annotated, *inherited}]
    faults += [
        Fault(name, "has no type", f"annotate it: `{name}: {type(given[name]).__name__} = ...`") for name in untyped
    ]
    return found, faults


def _is_data(name: str, value: Any) -> bool:  # noqa: ANN401 - an attribute of a class
    return not name.startswith("_") and not hasattr(value, "__get__") and not isinstance(value, type)


def _hints_of(cls: type) -> dict[str, Any]:
    """The annotations of a class itself; names are looked up in its module and where it is written."""
    own = type(cls.__name__, (), {"__annotations__": inspect.get_annotations(cls), "__module__": cls.__module__})
    written_in = sys._getframe(3)  # noqa: SLF001 - the module or function with the class statement
    module = sys.modules.get(cls.__module__)
    names = ChainMap(written_in.f_locals, vars(module) if module is not None else {})
    try:
        hints = get_type_hints(
            own, globalns=written_in.f_globals, localns=cast("dict[str, Any]", names), include_extras=True
        )
    except NameError as error:
        raise InvalidPropsError(
            cls.__qualname__, [Fault("a field", f"has a type that is not known: {error}")]
        ) from None
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar}


_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def _field_of(name: str, hint: Any) -> InputField:  # noqa: ANN401 - an annotation
    """Read an annotation.

    Raises:
        ValueError: If it has a type or a bound that cannot be checked.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("must begin with a letter and have only letters, digits and underscores of ASCII")
    if hasattr(ExecutionInput, name):
        raise ValueError("has the name of a member of ml.ExecutionInput; take another name")
    return _of_type(name, hint)


def _of_type(name: str, hint: Any) -> InputField:  # noqa: ANN401
    if get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        return _annotated(_of_type(name, inner), metadata)
    if hint is S3Uri:
        return InputField(name, InputKind.TEXT, is_uri=True)
    origin = get_origin(hint) or hint
    if origin is Literal:
        return _choices(name, get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _choices(name, tuple(member.value for member in hint))
    if origin in {Union, types.UnionType}:
        raise ValueError(
            f"cannot be one of several types, got {hint}; give it one type, and a default if it may be left out"
        )
    kind = _KINDS.get(origin)
    if kind is None:
        raise ValueError(f"must be one of {_TYPES}, got {getattr(hint, '__name__', hint)}")
    inner = get_args(hint)
    if kind is InputKind.OBJECT and inner and inner[0] is not str:
        raise ValueError(f"must have strings for keys, as JSON has no others, got {hint}")
    return InputField(name, kind, items=_of_type("", inner[-1]) if inner and inner[-1] is not Any else None)


def _choices(name: str, choices: tuple[Any, ...]) -> InputField:
    types_of = {type(choice) for choice in choices}
    if len(types_of) != 1 or (kind := _KINDS.get(types_of.pop())) not in {
        InputKind.TEXT,
        InputKind.WHOLE,
        InputKind.NUMBER,
    }:
        raise ValueError(
            f"must have choices that are all strings, all integers or all floats, got {', '.join(map(repr, choices))}"
        )
    return InputField(name, kind, choices=choices)


def _annotated(field: InputField, metadata: list[Any]) -> InputField:
    for each in metadata:
        text = each if isinstance(each, str) else getattr(each, "documentation", None)
        bounds = {name: bound for name in _BOUNDS if (bound := getattr(each, name, None)) is not None}
        if isinstance(text, str):
            field = replace(field, description=text)
        elif bounds:
            _check_bounds(field, bounds, each)
            field = replace(field, **bounds)
        else:
            known = "Ge, Gt, Le, Lt, Interval, MinLen, MaxLen and Len of annotated-types, Doc, and a string"
            raise ValueError(f"cannot be checked by {each!r}: known are {known}")
    least = [(bound, bound is field.gt) for bound in (field.ge, field.gt) if bound is not None]
    most = [(bound, bound is field.lt) for bound in (field.le, field.lt) if bound is not None]
    crossed = any(low > high or (low == high and (above or below)) for low, above in least for high, below in most)
    if crossed or (field.max_length is not None and field.max_length < (field.min_length or 0)):
        raise ValueError(f"has bounds that no value is within: {allowed_values(field)}")
    return field


def _check_bounds(field: InputField, bounds: Mapping[str, Any], given: Any) -> None:  # noqa: ANN401 - the user's object
    numeric = field.kind in {InputKind.WHOLE, InputKind.NUMBER}
    wrong = sorted(name for name in bounds if name.endswith("_length") is numeric)
    if wrong or field.kind is InputKind.FLAG or field.choices or field.is_uri:
        raise ValueError(f"cannot have {', '.join(wrong or bounds)}, being {allowed_values(field)}; got {given!r}")
    types_of = (int, float) if numeric else (int,)
    no_numbers = [bound for bound in bounds.values() if isinstance(bound, bool) or not isinstance(bound, types_of)]
    if no_numbers or not all(math.isfinite(bound) for bound in bounds.values()):
        raise ValueError(f"must have bounds that are finite numbers, got {given!r}")


def _with_default(field: InputField, default: Any) -> InputField:  # noqa: ANN401 - what the class says
    if default is MISSING:
        return field
    try:
        plain = json.loads(json.dumps(default.value if isinstance(default, Enum) else default, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError(f"must have a default that JSON can hold, got {default!r}") from None
    if fault := fault_of(field, plain):
        raise ValueError(f"has a default that it does not allow: {fault.removeprefix(field.name + ' ')}")
    return replace(field, default=plain)


def class_faults(given: Any) -> list[Fault]:  # noqa: ANN401 - whatever a user passes
    """Return the fault of what is passed as ``inputs``, if it is not a class with fields."""
    if given is None or (isinstance(given, type) and issubclass(given, ExecutionInput) and given.shape.fields):
        return []
    got = given.__name__ if isinstance(given, type) else repr(given)
    fix = "write `class Inputs(ml.ExecutionInput): day: str`, and pass the class"
    return [Fault("inputs", f"must be a subclass of ml.ExecutionInput, got {got}", fix)]


# Who reads them -----------------------------------------------------------------------------------------------------

_READ = re.compile(rf"\${VARIABLE}\.`?(\w+)")


def names_read(written: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return the names of the fields that a part of a definition reads, as far as it names them."""
    text = repr(written)  # one call of C: most requests read none
    return list(dict.fromkeys(_READ.findall(text))) if VARIABLE in text else []


def inputs_faults(written: Mapping[str, Any], inputs: type[ExecutionInput] | None) -> list[Fault]:
    """Return the faults of a request that reads fields which its workflow does not have.

    Args:
        written: The request, in a query language.
        inputs: The fields that the workflow declares; None if it declares none.
    """
    faults = []
    known = [each.name for each in inputs.shape.fields] if inputs is not None else []
    for name in names_read(written):
        member = next(member for member, value in written.items() if name in names_read(value)).removesuffix(".$")
        if inputs is None:
            problem = f"reads the input {name}, and the state machine declares no inputs"
            faults.append(Fault(member, problem, "pass inputs= to an ml.Workflow"))
        elif name not in known:
            problem = f"reads the input {name}, which {inputs.__name__} does not have{did_you_mean(name, known)}"
            faults.append(Fault(member, problem))
    return faults
