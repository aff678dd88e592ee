"""Intrinsic functions: MiniStack keeps escapes in strings, formats values as Python does, and fails without a name.

A range downwards lacks its last number there, numbers are truncated, 1 is true, and arguments are neither counted nor looked at.

Source: the Step Functions developer guide, "Intrinsic functions for JSONPath states in Step Functions".
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs_ml.interpreter.corrections.state_call import Data, Sfn

_FORMAT = "States.Format"
_PLACE = re.compile(r"\\.|\{\}", re.DOTALL)
_ARGUMENTS: Mapping[str, tuple[type[object], ...]] = MappingProxyType(
    {
        "States.ArrayPartition": (list, int),
        "States.ArrayContains": (list, object),
        "States.ArrayRange": (int, int, int),
        "States.ArrayGetItem": (list, int),
        "States.ArrayLength": (list,),
        "States.ArrayUnique": (list,),
        "States.Base64Encode": (str,),
        "States.Base64Decode": (str,),
        "States.Hash": (object, str),
        "States.JsonMerge": (dict, dict, bool),
        "States.JsonToString": (object,),
        "States.MathAdd": (int, int),
        "States.StringSplit": (str, str),
        "States.StringToJson": (str,),
        "States.UUID": (),
    }
)
"""The types of the functions' arguments; a number is rounded where an integer is required."""
_MOST = 1000
"""Numbers in a range."""
FAILURE = "States.IntrinsicFailure"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A request that could not be made.

    Attributes:
        error: The reason.
    """

    error: Exception


def execute(sfn: Sfn, original: Callable[..., Data], node: Data, data: Data, ctx: Data) -> Data:
    """Call an intrinsic function.

    Args:
        sfn: MiniStack's module.
        original: Its function.
        node: The parsed call: ``("call", name, arguments)``; arguments are ``("str", text)``, ``("path", path)`` and others.
        data: The state's input.
        ctx: The context object.
    """
    kind, name, given = node
    if name == _FORMAT:
        return original((kind, name, _formatted(sfn, given, data, ctx)), data, ctx)
    # Escapes are read here, as MiniStack leaves them.
    plain = [("str", _plain(text)) if of == "str" else (of, text, *more) for of, text, *more in given]
    values = [sfn._eval_intrinsic_arg(argument, data, ctx) for argument in plain]  # noqa: SLF001 - in pinned.LANGUAGE
    values = _checked(name, values)
    if name in _OURS:
        return _OURS[name](*values)
    return original((kind, name, [("str", value) for value in values]), data, ctx)


def _formatted(sfn: Sfn, given: list[Data], data: Data, ctx: Data) -> list[Data]:
    """Return the arguments of States.Format: its template, whose escapes it parses itself, and strings.

    Raises:
        ValueError: If there are more or fewer than places for them.
    """
    if not given:
        raise ValueError("Invalid number of arguments, expected at least 1")
    first, *rest = given
    template = sfn._eval_intrinsic_arg(first, data, ctx)  # noqa: SLF001 - in pinned.LANGUAGE
    if not isinstance(template, str):
        raise ValueError(f"the template must be a string, got {json.dumps(template)}")  # noqa: TRY004 - as all its errors
    places = _PLACE.findall(template).count("{}")
    if places != len(rest):
        raise ValueError(f"Invalid number of arguments: the template has {places} times {{}}, got {len(rest)}")
    plain = [("str", _plain(text)) if of == "str" else (of, text, *more) for of, text, *more in rest]
    values = (sfn._eval_intrinsic_arg(argument, data, ctx) for argument in plain)  # noqa: SLF001
    return [("str", template), *(("str", _as_text(value)) for value in values)]


def _checked(name: str, values: list[Data]) -> list[Data]:
    """The arguments of a function, with numbers rounded.

    Raises:
        ValueError: If they are not as many, or not of the types, that it takes.
    """
    wanted = _ARGUMENTS.get(name)
    if name == "States.MathRandom":
        wanted = (int, int, int)[: max(2, len(values))]
    if wanted is None:
        return values
    if len(values) != len(wanted):
        raise ValueError(f"Invalid number of arguments, expected {len(wanted)}, got {len(values)}")
    return [_of_type(of, value) for of, value in zip(wanted, values, strict=True)]


def _of_type(of: type[object], value: Data) -> Data:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if of is int and number:
        return math.floor(value + 0.5)
    if not isinstance(value, of) or (of is int and not number):
        raise ValueError(f"Invalid argument: expected {_NAMES[of]}, got {json.dumps(value)}")
    return value


def _unique(values: list[Data]) -> list[Data]:
    # By their JSON: true is not 1, and 1 is 1.0.
    found: dict[str, Data] = {}
    for value in values:
        found.setdefault(_key(value), value)
    return list(found.values())


def _contains(values: list[Data], wanted: Data) -> bool:
    return _key(wanted) in map(_key, values)


def _key(value: Data) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_key, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(sorted(f'{json.dumps(name)}:{_key(item)}' for name, item in value.items()))}}}"
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def _range(start: int, end: int, step: int) -> list[int]:
    if not step:
        raise ValueError("the step of a range cannot be 0")
    numbers = range(start, end + (1 if step > 0 else -1), step)
    if len(numbers) > _MOST:
        raise ValueError(f"an array of a range has at most {_MOST} items, got {len(numbers)}")
    return list(numbers)


def _item(values: list[Data], index: int) -> Data:
    if not 0 <= index < len(values):
        raise ValueError(f"there is no item {index} in an array of {len(values)}")
    return values[index]


def _parts(values: list[Data], size: int) -> list[Data]:
    if size < 1:
        raise ValueError(f"the size of a chunk must be positive, got {size}")
    return [values[at : at + size] for at in range(0, len(values), size)]


def _merged(one: dict[str, Data], other: dict[str, Data], deep: bool) -> dict[str, Data]:
    if deep:
        raise ValueError("deep merging is not supported; the third argument must be false")
    return {**one, **other}


_NAMES: Mapping[type[object], str] = MappingProxyType(
    {list: "an array", int: "a number", str: "a string", dict: "an object", bool: "a boolean"}
)
_OURS: Mapping[str, Callable[..., Data]] = MappingProxyType(
    {
        "States.ArrayContains": _contains,
        "States.ArrayGetItem": _item,
        "States.ArrayPartition": _parts,
        "States.ArrayRange": _range,
        "States.ArrayUnique": _unique,
        "States.JsonMerge": _merged,
    }
)


def evaluate(sfn: Sfn, original: Callable[..., Data], expression: str, data: Data, ctx: Data) -> Data:
    """Evaluate an intrinsic function.

    Raises:
        States.IntrinsicFailure: If it fails.
    """
    try:
        return original(expression, data, ctx)
    except sfn._ExecutionError:  # noqa: SLF001 - in pinned.LANGUAGE
        raise
    except Exception as error:
        cause = f"The function '{expression}' had the following error: {error}"
        raise sfn._ExecutionError(FAILURE, cause) from error  # noqa: SLF001


def make_request(sfn: Sfn, original: Callable[..., Data], state: dict[str, Data], data: Data, ctx: Data = None) -> Data:
    """Make the request of a state; pass a failure to the call, as MiniStack makes it outside Retry and Catch."""
    if state.get("Parameters") == {}:
        return {}  # MiniStack takes none for left out, and sends the whole input
    try:
        return original(state, data, ctx)
    except sfn._ExecutionError as error:  # noqa: SLF001
        if error.error == FAILURE and state.get("Type") == "Task":
            return Unsent(error)
        raise


def send(sfn: Sfn, original: Callable[..., Data], resource: str, request: Data, *rest: Data) -> Data:  # noqa: ARG001 - as all corrections
    """Call a service.

    Raises:
        States.IntrinsicFailure: If the request could not be made.
    """
    if isinstance(request, Unsent):
        raise request.error
    return original(resource, request, *rest)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _as_text(value: Data) -> str:
    """Return a value inside a string, as Step Functions writes it: not as JSON, but ``{a=1, b=[x, null]}``."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_as_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={_as_text(item)}' for name, item in value.items())}}}"
    return json.dumps(value)
