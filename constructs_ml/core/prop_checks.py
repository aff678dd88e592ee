"""Constructs that refuse props that they do not have, lack, or cannot read, before they read them."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from constructs_ml.core.prop_types import (
    listed,
    missing_faults,
    required_fault,
    type_faults,
    with_values_of_texts,
)
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")
T = TypeVar("T", bound="type[Any]")

_OTHER_UNIT = re.compile(r"must be specified as '(\w+)\.(\w+)\(\)' here since .* a token .*\(got ([\w.]+)\)")
_OF_VARIANTS = ("instance_count", "instance_type", "managed_scaling", "serverless", "volume_size", "weight")
"""The props that each model of an endpoint has for itself."""
_OF_ONE_CALL = (
    "credentials",
    "heartbeat_timeout",
    "input_path",
    "output_path",
    "result_path",
    "result_selector",
    "state_output",
    "task_timeout",
)
"""The props of task states that are one call; a state that polls is several."""
_PASSED_ON = re.compile(r"Unpack\[(\w+)\]")


@dataclass
class Props:
    """The props of one constructor.

    Attributes:
        owner: Its class.
        begin: The constructor.
        like: The class of aws-cdk-lib's that takes the props that are passed on, if one does.
    """

    owner: type[Any]
    begin: Any
    like: type[Any] | None = None

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The props that the constructor names itself."""
        code = self.begin.__code__
        return tuple(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount])

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The required props."""
        defaults = self.begin.__kwdefaults__ or {}
        return tuple(name for name in self.own if name not in defaults)

    @cached_property
    def passed_on(self) -> Mapping[str, Any]:
        """The annotations of the props that it passes on."""
        typed = self._typed_dict
        return {} if typed is None else typed.__annotations__

    @cached_property
    def known(self) -> frozenset[str] | None:
        """The names of all props; None if it takes any."""
        if not self.begin.__code__.co_flags & inspect.CO_VARKEYWORDS:
            return frozenset(self.own)
        if self.like is not None:
            kind = inspect.Parameter.KEYWORD_ONLY
            taken = inspect.signature(self.like.__init__).parameters.values()
            return frozenset({*self.own, *self.passed_on, *(taken.name for taken in taken if taken.kind is kind)})
        return None if self._typed_dict is None else frozenset({*self.own, *self.passed_on})

    @cached_property
    def _typed_dict(self) -> Any:  # noqa: ANN401 - a TypedDict
        """Return the TypedDict of the props that are passed on, which this module or that of a base class has imported."""
        found = (_PASSED_ON.search(str(text)) for text in self.begin.__annotations__.values())
        name = next((match[1] for match in found if match), "")
        modules = (vars(sys.modules[base.__module__]) for base in self.owner.__mro__)
        return next((module[name] for module in modules if name in module), None)

    def faults(self, props: Mapping[str, Any], *, passed_on: bool) -> Iterator[Fault]:
        """Yield the faults of some props.

        Args:
            props: The props.
            passed_on: Whether the kinds of those that are passed on are checked too.
        """
        meant: set[str] = set()
        if self.known is not None and not self.known.issuperset(props):
            unknown = [name for name in props if name not in self.known]
            yield from unknown_faults(self.owner.__name__, unknown, self.known)
            # A misspelt prop is told once.
            meant = {near for name in unknown for near in nearest(name, sorted(self.known))}
        for name in self.required:
            if name not in props and name not in meant:
                yield required_fault(name, self.begin.__annotations__[name])
        yield from missing_faults(self.begin.__annotations__, props)
        yield from type_faults(self.begin.__annotations__, props)
        if passed_on:
            yield from type_faults(self.passed_on, props)
        if self.like is not None:
            known = {**self.passed_on, **self.begin.__annotations__}
            # aws-cdk-lib takes no classes; one that does is a prop of ours.
            to_cdk = [name for name in props if not _text_of(known.get(name)).startswith("type[")]
            yield from type_faults(dict.fromkeys(to_cdk, "Any"), props)


def _text_of(annotation: Any) -> str:  # noqa: ANN401 - a text, or a reference forward in a TypedDict
    return str(getattr(annotation, "__forward_arg__", annotation))


def unknown_faults(owner: str, unknown: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    """The faults of props that there are not.

    Args:
        owner: The class or function without these props.
        unknown: Their names.
        known: The names of the props that there are.
    """
    for name in unknown:
        near = nearest(name, sorted(known))
        fix = f"did you mean {near[0]}?" if near else ""
        if name in _OF_VARIANTS and "variants" in known:
            fix = f"pass variants=[ml.hosting.Variant(model=..., {name}=...)]"
        if name in _OF_ONE_CALL and {"retry", "timeout"}.issubset(known):
            yield Fault(name, "is not supported by states that poll", "leave it out, or add a Pass after the state")
        else:
            yield Fault(name, f"is not a prop of {owner}", fix)


def check_props_of(cls: T, *, passed_on: bool = False, like: type[Any] | None = None) -> T:
    """Make the constructor of a class check its props.

    Args:
        cls: The class.
        passed_on: Whether the kinds of the props that it passes on are checked too; a spec checks them itself.
        like: The class of aws-cdk-lib's that takes the props that are passed on, if one does.
    """
    begin: Any = cls.__dict__.get("__init__")
    code = getattr(begin, "__code__", None)
    # What begins with a request or an object of the SDK's has no props of its own.
    if code is None or code.co_varnames[1 : code.co_argcount] != ("scope", "construct_id"):
        return cls
    known = Props(cls, begin, like)
    # What a preset passes on, it may read before another constructor checks it.
    passed_on = passed_on or any(hasattr(vars(base).get("__init__"), "__wrapped__") for base in cls.__mro__[1:])

    @wraps(begin)
    def checked(self: Any, scope: Any, construct_id: str, **props: Any) -> None:  # noqa: ANN401 - a construct
        props = with_values_of_texts({**known.passed_on, **begin.__annotations__}, props)
        if faults := list(known.faults(props, passed_on=passed_on)):
            raise InvalidPropsError(_path(scope, construct_id), faults)
        if like is not None:
            props = listed(props)
        try:
            begin(self, scope, construct_id, **props)
        except (RuntimeError, TypeError) as error:
            if (fault := _of_jsii(error, props)) is None:
                raise
            raise InvalidPropsError(_path(scope, construct_id), [fault]) from None

    cls.__init__ = checked
    return cls


def check_construct(cls: T) -> T:
    """Make a construct that has no spec check all its props."""
    return check_props_of(cls, passed_on=True)


def check_fields(cls: T) -> T:
    """Make a dataclass suggest the nearest field for an unknown one."""
    begin: Any = cls.__init__

    @wraps(begin)
    def checked(self: Any, *args: Any, **values: Any) -> None:  # noqa: ANN401 - a dataclass and its fields
        known = {field.name for field in fields(cls) if field.init}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise InvalidPropsError(cls.__name__, list(unknown_faults(cls.__name__, unknown, known)))
        begin(self, *args, **values)

    cls.__init__ = checked
    return cls


def check_method(method: F) -> F:
    """Make a method of a construct refuse arguments that it does not have, or cannot read."""
    code, annotations = method.__code__, method.__annotations__
    known = frozenset(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])

    @wraps(method)
    def checked(self: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - of any method
        unknown = [name for name in named if name not in known]
        faults = [*unknown_faults(method.__name__, unknown, known), *type_faults(annotations, named)]
        if faults:
            raise InvalidPropsError(self.node.path, faults)
        return method(self, *args, **named)

    return cast("F", checked)


def check_arguments(make: F) -> F:
    """Make a factory function, such as ``S3Data.from_uri``, check its arguments."""
    names, annotations = make.__code__.co_varnames, make.__annotations__

    @wraps(make)
    def checked(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - of any function
        given = {**dict(zip(names, args, strict=False)), **named}
        if faults := [*missing_faults(annotations, given), *type_faults(annotations, given)]:
            raise InvalidPropsError(make.__qualname__, faults)
        try:
            return make(*args, **named)
        except RuntimeError as error:
            if (fault := _of_jsii(error, given)) is None:
                raise
            raise InvalidPropsError(make.__qualname__, [fault]) from None

    return cast("F", checked)


def _path(scope: Any, construct_id: str) -> str:  # noqa: ANN401 - a construct
    path: str = scope.node.path
    return f"{path}/{construct_id}" if path else construct_id


def _known_later(value: Any, what: str, path: str) -> Iterator[str]:  # noqa: ANN401 - a prop, or a part of one
    """The paths of durations or sizes that are known only later."""
    if type(value).__name__ == what:
        yield from [path] if value.is_unresolved() else []
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _known_later(item, what, f"{path}[{name!r}]" if path else name)
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from _known_later(item, what, f"{path}[{at}]")
    elif is_dataclass(value):
        for field in fields(value):
            yield from _known_later(getattr(value, field.name), what, f"{path}.{field.name}")


def _of_jsii(error: Exception, props: Mapping[str, Any]) -> Fault | None:
    """Return jsii's complaint about a prop of aws-cdk-lib's, here or in Node."""
    if told := _OTHER_UNIT.search(str(error)):
        what, unit, got = told.groups()
        named = next(_known_later(props, what, ""), f"a {what}")
        return Fault(named, f"must be in {unit}, as it is known only later, got {got}", f"pass {what}.{unit}(...)")
    if told := re.match(r"type of (?:argument )?(\w+)\S* (must be .+)", str(error)):
        return Fault(told[1], told[2])
    if told := re.search(r"Key '(\w+)': Unable to deserialize value as (?:aws-cdk-lib\.)?([\w.]+)", str(error)):
        return Fault(re.sub("(?=[A-Z])", "_", told[1]).lower(), f"must be {told[2]}")
    return None
