"""Values that are known only when a workflow runs, and their form in both query languages of ASL.

A request is plain data in which a :class:`Path`, an :class:`Expression` or a :class:`Format` may stand wherever a string
may. :func:`render` writes it in JSONPath (``"Key.$": "States.Format('s3://b/{}', $.x)"``) or in JSONata
(``"Key": "{% 's3://b/' & $states.input.x %}"``). Unlike the task states of aws-cdk-lib, a runtime value may also be an
item of a list or a part of a string.

Source: the Amazon States Language, sections "Payload Template" and "Intrinsic Functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from constructs_ml.asl.jsonpath import PathError, read_path, to_jsonata
from constructs_ml.asl.literals import escape, jsonata_text, quoted


class Language(Enum):
    """A query language of the Amazon States Language."""

    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


@dataclass(frozen=True, slots=True)
class Path:
    """A path into the state's input (``$.a``) or the context object (``$$.Execution.Name``), or an intrinsic call.

    Attributes:
        jsonpath: The expression in JSONPath.
        jsonata_form: The expression in JSONata, where it cannot be worked out from the path (an intrinsic call).
    """

    jsonpath: str
    jsonata_form: str | None = None

    @property
    def jsonata(self) -> str:
        """The same value in JSONata, without the ``{% %}``.

        Raises:
            ValueError: If it is an intrinsic call, which JSONata does not have.
        """
        if self.jsonata_form is not None:
            return self.jsonata_form
        try:
            path = read_path(self.jsonpath)
        except PathError:
            path = None
        if path is None or not path.is_plain or '["' in self.jsonpath:
            msg = f"{self.jsonpath} has no counterpart in JSONata; pass a '{{% %}}' expression"
            raise ValueError(msg)
        return to_jsonata(path.root, path.steps)


@dataclass(frozen=True, slots=True)
class Expression:
    """A JSONata expression that the user wrote.

    Attributes:
        jsonata: The expression, without the ``{% %}``.
    """

    jsonata: str

    @property
    def jsonpath(self) -> str:
        """Raise an error: JSONPath has no counterpart.

        Raises:
            ValueError: Always.
        """
        msg = f"{{% {self.jsonata} %}} is JSONata, and the query language of the state is JSONPath"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Format:
    """Text with runtime values in it.

    Attributes:
        parts: Plain text, paths and expressions, in order.
    """

    parts: tuple[str | Path | Expression | Merge, ...]

    @property
    def jsonpath(self) -> str:
        """The text as a call of ``States.Format``."""
        values = [part for part in self.parts if not isinstance(part, str)]
        template = "".join(escape(part, "\\'{}") if isinstance(part, str) else "{}" for part in self.parts)
        return f"States.Format({', '.join([quoted(template), *(value.jsonpath for value in values)])})"

    @property
    def jsonata(self) -> str:
        """The text as a concatenation in JSONata, without the ``{% %}``."""
        if len(self.parts) == 1:
            return f"$string({_operand(self.parts[0])})"
        return " & ".join(_operand(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Merge:
    """Objects that are merged at run time, name by name; of equal names, the last wins.

    Source: "Intrinsic functions for JSONPath states" of the Step Functions developer guide, which merges shallowly only.

    Attributes:
        parts: Mappings with strings and runtime values in them, and objects that are known only at run time, in order.
    """

    parts: tuple[Mapping[str, str | Runtime] | Runtime, ...]

    def __hash__(self) -> int:
        """Hash the printed form, as mappings are not hashable."""
        return hash(repr(self.parts))

    @property
    def jsonpath(self) -> str:
        """The objects in calls of ``States.JsonMerge``, which takes two."""
        first, *rest = (
            _object_in_jsonpath(part) if isinstance(part, Mapping) else part.jsonpath for part in self.parts
        )
        for part in rest:
            first = f"States.JsonMerge({first}, {part}, false)"
        return first

    @property
    def jsonata(self) -> str:
        """The objects in a call of ``$merge``, without the ``{% %}``."""
        parts = (_object_in_jsonata(part) if isinstance(part, Mapping) else part.jsonata for part in self.parts)
        return f"$merge([{', '.join(parts)}])"


Runtime = Path | Expression | Format | Merge


def merged(*parts: Mapping[str, Any] | Runtime) -> dict[str, Any] | Runtime:
    """Merge objects name by name; the result is a mapping if all of them are mappings."""
    filled: list[Mapping[str, Any] | Runtime] = []
    for part in parts:
        if isinstance(part, Mapping) and filled and isinstance(filled[-1], Mapping):
            filled[-1] = {**filled[-1], **part}
        elif not isinstance(part, Mapping) or part:
            filled.append(part)
    if not filled:
        return {}
    first = filled[0]
    if len(filled) == 1:
        return dict(first) if isinstance(first, Mapping) else first
    return Merge(tuple(filled))


def join(*parts: str | Runtime) -> str | Runtime:
    """Concatenate strings and runtime values; the result is a string if no part is known only at run time."""
    flat: list[str | Path | Expression | Merge] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Format) else (part,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 else Format(tuple(flat))


def moved(value: Any, places: Mapping[Format, str | Runtime]) -> Any:  # noqa: ANN401 - JSON with runtime values in it
    """Replace places in a request, also where one is only a part of a text.

    Args:
        value: The request.
        places: The new places by the old ones, which begin and end with plain text.
    """
    if isinstance(value, Mapping):
        return {name: moved(item, places) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [moved(item, places) for item in value]
    if isinstance(value, Merge):
        return Merge(tuple(moved(part, places) for part in value.parts))
    found: Any = value
    for old, new in places.items() if isinstance(value, Runtime) else ():
        found = _moved(found, old, new)
    return found


def _moved(value: str | Runtime, old: Format, new: str | Runtime) -> str | Runtime:
    """A runtime value with a place in the place of another; users may have it from its ``uri`` or ``jsonata_uri``."""
    if isinstance(value, Expression):
        return Expression(value.jsonata.replace(old.jsonata, f"({operand(new)})"))
    if isinstance(value, Path):
        return new if value.jsonpath == old.jsonpath else value
    if not isinstance(value, Format):
        return value
    parts = tuple(part if isinstance(part, str) else _moved(part, old, new) for part in value.parts)
    # Joining would make the value itself of a text with nothing but a value in it.
    text = value if parts == value.parts else join(*parts)
    return _moved_text(text, old, new) if isinstance(text, Format) else text


def _moved_text(text: Format, old: Format, new: str | Runtime) -> str | Runtime:
    first, *middle, last = old.parts
    length = len(old.parts)
    for at in range(len(text.parts) - length + 1):
        start, *between, end = text.parts[at : at + length]
        if not (isinstance(start, str) and isinstance(end, str) and isinstance(first, str) and isinstance(last, str)):
            continue
        if start.endswith(first) and between == middle and end.startswith(last):
            before, after = start.removesuffix(first), end.removeprefix(last)
            return join(*text.parts[:at], before, new, after, *text.parts[at + length :])
    return text


_JSONATA = re.compile(r"\{%(.*?)%\}", re.DOTALL)


def parse_jsonata(text: str) -> str | Runtime:
    """Turn each ``{% %}`` in a string into an expression; a string without any is returned unchanged."""
    pieces = _JSONATA.split(text)
    return join(*(Expression(piece.strip()) if at % 2 else piece for at, piece in enumerate(pieces)))


EXECUTION_NAME = Path("$$.Execution.Name")


def render(template: Any, language: Language) -> Any:  # noqa: ANN401 - a request is JSON
    """Write a template as ``Parameters`` (JSONPath) or ``Arguments`` (JSONata).

    Args:
        template: JSON-like data with runtime values in it.
        language: The query language of the state.

    Returns:
        JSON data. Members that are None are left out.
    """
    if isinstance(template, str):
        return template
    if isinstance(template, Mapping):
        out: dict[str, Any] = {}
        for key, value in template.items():
            if value is None:
                continue
            if isinstance(value, (str, int)):
                out[key] = value
                continue
            dynamic = _expression(value) if language is Language.JSONPATH else None
            if dynamic is not None:
                out[f"{key}.$"] = dynamic
            else:
                out[key] = render(value, language)
        return out
    if isinstance(template, (list, tuple)):
        return [render(item, language) for item in template]
    if isinstance(template, Runtime):
        if language is Language.JSONPATH:
            raise ValueError("JSONPath can only write a runtime value as a member, or as an item of a member's list")
        return f"{{% {template.jsonata} %}}"
    return template


def has_runtime(template: Any) -> bool:  # noqa: ANN401 - a request is JSON
    """Return whether a value contains anything that is known only when the workflow runs."""
    if isinstance(template, Mapping):
        return any(has_runtime(value) for value in template.values())
    if isinstance(template, (list, tuple)):
        return any(has_runtime(item) for item in template)
    return isinstance(template, Runtime) or is_jsonata(template)


def is_jsonata(value: object) -> bool:
    """Return whether a value is a JSONata expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def _expression(value: Any) -> str | None:  # noqa: ANN401 - a request is JSON
    """Return the JSONPath expression of a member; None if the member is written without one."""
    if isinstance(value, Runtime):
        return value.jsonpath
    if isinstance(value, (list, tuple)) and any(isinstance(item, Runtime) for item in value):
        return f"States.Array({', '.join(_item(item) for item in value)})"
    return None


def _item(value: Any) -> str:  # noqa: ANN401 - a request is JSON
    if isinstance(value, Runtime):
        return value.jsonpath
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(escape(value, "\\'"))
    if isinstance(value, (int, float)):
        return repr(value)
    msg = f"a list with a runtime value in it can otherwise hold only strings, numbers and booleans, got {value!r}"
    raise TypeError(msg)


def _operand(part: str | Path | Expression | Merge) -> str:
    """Return a part of a concatenation in JSONata."""
    if isinstance(part, str):
        return jsonata_text(part)
    return f"({part.jsonata})" if isinstance(part, Expression) else part.jsonata


def _object_in_jsonpath(members: Mapping[str, str | Runtime]) -> str:
    """Write an object with runtime values in it; JSONPath has no literal for one, but a function that parses JSON."""
    written, values = [], []
    for name, value in members.items():
        key = escape(json.dumps(name, ensure_ascii=False), "\\'{}")
        if isinstance(value, Runtime):
            values.append(f"States.JsonToString({value.jsonpath})")
        written.append(
            f"{key}:" + ("{}" if isinstance(value, Runtime) else escape(json.dumps(value, ensure_ascii=False), "\\'{}"))
        )
    template = quoted("\\{" + ",".join(written) + "\\}")
    return f"States.StringToJson(States.Format({', '.join([template, *values])}))"


def _object_in_jsonata(members: Mapping[str, str | Runtime]) -> str:
    written = (
        f"{jsonata_text(name)}: {value.jsonata if isinstance(value, Runtime) else jsonata_text(value)}"
        for name, value in members.items()
    )
    return f"{{{', '.join(written)}}}"


def braced(expression: str) -> str:
    """Return an expression in ``{% %}``, as ASL writes it."""
    return f"{{% {expression} %}}"


def operand(value: str | Runtime) -> str:
    """Return a string or a runtime value as an operand in JSONata.

    Raises:
        ValueError: If JSONata cannot say it.
    """
    return jsonata_text(value) if isinstance(value, str) else value.jsonata


def one_of(value: str, texts: tuple[str, ...]) -> str:
    """Return a JSONata condition: the value equals one of the strings."""
    return f"{value} in [{', '.join(jsonata_text(text) for text in texts)}]"


def says(value: str, *texts: str) -> str:
    """Return a JSONata condition: the value exists and contains one of the strings."""
    tests = " or ".join(f"$contains({value}, {jsonata_text(text)})" for text in texts)
    return f"($exists({value}) and ({tests}))"


def because(value: str) -> str:
    """Return a JSONata expression for ``: <value>``, empty if the value does not exist."""
    return f"($exists({value}) ? ': ' & {value} : '')"
