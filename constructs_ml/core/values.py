"""From what users write (strings, tokens, JsonPath, JSONata) to the runtime values of the kernel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from numbers import Number
from typing import TYPE_CHECKING, Any

from aws_cdk import Token
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.dynamic import is_number_token, is_object_token, is_whole
from constructs_ml.asl.expressions import Expression, Format, Merge, Path, Runtime, join, parse_jsonata
from constructs_ml.asl.input_member import as_json, quoted_json
from constructs_ml.asl.input_member import execution_input as _execution_input

if TYPE_CHECKING:
    from typing_extensions import Self

_STRING_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
_TOKEN = re.compile(r"[$#]\{Token\[[^\]]*\]\}")
_paths: dict[str | float, str | None] = {}
"""The JSONPath of each token seen, or None for a token of CloudFormation's. Tokens are unique in a process."""


def execution_input(*names: str | int) -> str:
    """A member of the execution's input, for any prop of a job or of aws-cdk-lib's own tasks.

    Args:
        names: The names that lead to the member, and the numbers of items of lists:
            ``execution_input("Training", "Epochs")``, ``execution_input("Days", 0)``.

    Returns:
        A token. Jobs in either query language take it, aws-cdk-lib's own tasks take it in JSONPath.

    Raises:
        ValueError: If no name is given, or one is a path or has a quote or a backslash in it.
    """
    return sfn.JsonPath.string_at(_execution_input(*names).jsonpath)


class _NumberToken(float):
    """A number that stands for a token: the number itself means nothing, so that it is a string in f-strings, and not computed with."""

    _as_text: str

    def __new__(cls, path: str) -> Self:
        self = super().__new__(cls, sfn.JsonPath.number_at(path))
        self._as_text = _text_at(path)
        return self

    def __str__(self) -> str:
        return self._as_text

    def __format__(self, spec: str) -> str:
        return self._as_text

    def _refuse(self, _: object) -> float:
        path = parse_runtime_values(float(self)).jsonpath
        raise TypeError(
            f"{path} is known only when the workflow runs: compute with it in JSONata, as in '{{% {path} + 1 %}}'"
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse


def number_at(path: str) -> float:
    """Return a token for the number at a path, which may be a part of a string too.

    Args:
        path: The path, in JSONPath.
    """
    return _NumberToken(path)


def flag_at(path: str) -> str:
    """Return a token for the boolean at a path: a string, as aws-cdk-lib has no tokens for booleans.

    Args:
        path: The path, in JSONPath.
    """
    return _text_at(path)


_no_texts: set[str] = set()
"""Text tokens whose values are numbers and booleans: where the API wants a string, such as in hyperparameters, they become one."""


def _text_at(path: str) -> str:
    token = sfn.JsonPath.string_at(path)
    _no_texts.add(token)
    return token


def _is_no_text(value: object) -> bool:
    return isinstance(value, str) and value in _no_texts


def parse_runtime_values(value: Any) -> Any:  # noqa: ANN401 - a request is JSON
    """Replace JsonPath tokens and JSONata by runtime values; leave CloudFormation's tokens as they are."""
    if value is None or (isinstance(value, str) and "{" not in value):
        return value
    _learn(value)
    return _replace(value)


def parse_request(request: Mapping[str, Any], *others: str) -> tuple[dict[str, Any], bool]:
    """Return a request likewise, without the members that are None.

    Args:
        request: The request.
        others: Texts that are asked for soon; each question to aws-cdk-lib is a call to jsii, so they go with the request.

    Returns:
        The request, and whether :func:`unsayable` may find anything in it.
    """
    _learn([request, *others])
    replacing = _Replacing(drops_none=True)
    return replacing.of(request), replacing.is_doubtful


def parse_text(value: str) -> str | Runtime:
    """Parse one string, which may contain tokens."""
    result: str | Runtime = parse_runtime_values(value)
    return result


def unsayable(value: Any, path: str = "") -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - a request is JSON
    """Yield what no language can say: a list that is known only later as one item of a list, and such a key.

    Yields:
        The path, the problem and what to do.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str) and "Token[" in key and not isinstance(known := parse_runtime_values(key), str):
                problem = f"cannot have {getattr(known, 'jsonpath', key)} for a key, as keys must be known before the workflow runs"
                yield path, problem, "pass the whole mapping as a JsonPath or JSONata"
            else:
                yield from unsayable(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        if len(value) > 1 and any(isinstance(item, str) and item.startswith("#{Token[") for item in value):
            problem = "must be one list that is known only later or single values, got such a list among other items"
            yield path, problem, "pass the list alone"
        for at, item in enumerate(value):
            yield from unsayable(item, f"{path}[{at}]")


def as_text(value: object) -> str:
    """Return a known value as a string: a member of an enumeration by its value."""
    return str(value.value if isinstance(value, Enum) else value)


def later_to_text(value: Any) -> Any:  # noqa: ANN401 - whatever was passed for a text
    """Return a value that is known only later as a string: a number, and a list or an object as JSON; anything else as it is."""
    if is_number_token(value):
        number = parse_runtime_values(value)
        return Format((number,)) if isinstance(number, Path) else Token.as_string(value)
    if _is_no_text(value) or is_object_token(value) or (is_whole(value) and not isinstance(value, str)):
        known = parse_runtime_values(value)
        if isinstance(known, (Path, Expression)):
            return as_json(known)
        return Token.as_string(value) if is_object_token(value) else value
    return value


def json_text(value: Any) -> Any:  # noqa: ANN401 - a text or a runtime value
    """Return any value as JSON: strings in quotes, and runtime values with the type that they have then."""
    return _json(parse_runtime_values(value))


def _json(value: Any) -> str | Runtime:  # noqa: ANN401 - JSON with runtime values in it
    if isinstance(value, (Path, Expression, Format, Merge)):
        return quoted_json(value)
    if is_number_token(value) or is_object_token(value):
        return Token.as_string(value)
    if isinstance(value, Mapping):
        items = [join(json.dumps(str(name)), ": ", _json(item)) for name, item in value.items()]
        return join("{", *_separated(items), "}")
    if isinstance(value, (list, tuple)):
        return join("[", *_separated([_json(item) for item in value]), "]")
    if value is None or isinstance(value, (str, bool, int, float)):
        return json.dumps(value)
    return str(value) if isinstance(value, Number) else json.dumps(str(value))


def _separated(items: list[str | Runtime]) -> Iterator[str | Runtime]:
    for at, item in enumerate(items):
        yield from [", ", item] if at else [item]


def argument_texts(arguments: Any) -> Any:  # noqa: ANN401 - a list, or what stands for one
    """Return the arguments of a container as strings, numbers that are known only later too."""
    if is_whole(arguments) or isinstance(arguments, (str, Mapping)) or not isinstance(arguments, Iterable):
        return arguments
    return [later_to_text(item) if is_number_token(item) or _is_no_text(item) else item for item in arguments]


def texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with all runtime values converted to strings."""
    return {name: later_to_text(value) for name, value in values.items()}


def hyperparameter_text(value: object, *, quoted: bool = False) -> Any:  # noqa: ANN401 - a text or a runtime value
    """A hyperparameter as the API takes it: a string.

    Args:
        value: The user's value.
        quoted: Whether what reads it expects JSON, so that a string is in quotes.
    """
    if quoted or (isinstance(value, (Mapping, list, tuple)) and not is_whole(value)):
        return json_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    known_later = later_to_text(value)
    return as_text(value) if known_later is value else known_later


def _learn(value: Any) -> None:  # noqa: ANN401
    unknown = [token for token in dict.fromkeys(_tokens(value)) if token not in _paths]
    if not unknown:
        return
    # A call to CDK costs about a millisecond, so all new tokens of a request go in one.
    rendered = sfn.FieldUtils.render_object({str(at): _for_cdk(token) for at, token in enumerate(unknown)}) or {}
    for at, token in enumerate(unknown):
        _paths[token] = rendered.get(f"{at}.$")


def _for_cdk(token: str | float) -> Any:  # noqa: ANN401
    return [token] if isinstance(token, str) and token.startswith("#") else token


def _tokens(value: Any) -> list[str | float]:  # noqa: ANN401
    """The tokens in a value."""
    found: list[str | float] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if "{Token[" in item:
                found += _TOKEN.findall(item)
        elif isinstance(item, (list, tuple)):
            pending += item
        elif isinstance(item, Mapping):
            pending += item.values()
        elif isinstance(item, float):
            found += [item] if is_number_token(item) else []
        elif item is not None and not isinstance(item, (int, Runtime)) and is_object_token(item):
            found.append(_text_of(item))
    return found


def _text_of(token: Any) -> str:  # noqa: ANN401 - a token as an object
    """Return aws-cdk-lib's string for a token that is an object, the same one each time."""
    return Token.as_string(token)


def _replace(value: Any) -> Any:  # noqa: ANN401
    return _Replacing().of(value)


class _Replacing:
    """Writes runtime values in the place of their tokens.

    Attributes:
        is_doubtful: Whether there was a key, or a list among other items, that may be known only at run time.
    """

    def __init__(self, *, drops_none: bool = False) -> None:
        self._drops_none = drops_none
        self.is_doubtful = False

    def of(self, value: Any) -> Any:  # noqa: ANN401, PLR0911 - a line for each kind of value
        if isinstance(value, str):
            return _replace_text(value) if "{" in value else value
        if isinstance(value, Mapping):
            out: dict[Any, Any] = {}
            for key, item in value.items():
                if item.__class__ is str and "{" not in item:
                    out[key] = item
                elif item is not None or not self._drops_none:
                    out[key] = self.of(item)
                self.is_doubtful |= key.__class__ is str and "Token[" in key
            return out
        if isinstance(value, (list, tuple)):
            return self._list(value)
        if value is None or isinstance(value, (int, Runtime, Enum)):
            return value.value if isinstance(value, Enum) else value
        if isinstance(value, float):
            path = _paths[value] if is_number_token(value) else None
            return value if path is None else Path(path)
        if is_object_token(value):
            path = _paths[_text_of(value)]
            return value if path is None else Path(path)
        return value

    def _list(self, items: list[Any] | tuple[Any, ...]) -> Any:  # noqa: ANN401
        first = items[0] if len(items) == 1 else None
        if isinstance(first, str) and first.startswith("#") and (whole := _paths.get(first)) is not None:
            return Path(whole)
        out = []
        for item in items:
            if item.__class__ is str:
                self.is_doubtful |= len(items) > 1 and item.startswith("#{Token[")
                out.append(_replace_text(item) if "{" in item else item)
            else:
                out.append(self.of(item))
        return out


def _replace_text(text: str) -> str | Runtime:
    if "{%" not in text:
        return _replace_tokens(text) if "${Token[" in text else text
    parsed = parse_jsonata(text)
    parts = parsed.parts if isinstance(parsed, Format) else (parsed,)
    return join(*(_replace_tokens(part) if isinstance(part, str) else part for part in parts))


def _replace_tokens(text: str) -> str | Runtime:
    parts: list[str | Runtime] = []
    at = 0
    for match in _STRING_TOKEN.finditer(text):
        path = _paths[match[0]]
        if path is not None:
            parts += [text[at : match.start()], Path(path)]
            at = match.end()
    return join(*parts, text[at:]) if parts else text
