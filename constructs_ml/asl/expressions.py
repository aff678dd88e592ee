"""Values that are known only when a workflow runs, and how both query languages of ASL write them.

A request is plain data in which a :class:`Path`, an :class:`Expression` or a :class:`Format` may stand wherever a string
may. :func:`render` writes it in JSONPath (``"Key.$": "States.Format('s3://b/{}', $.x)"``) or in JSONata
(``"Key": "{% 's3://b/' & $states.input.x %}"``). Unlike the task states of aws-cdk-lib, a runtime value may also be an
item of a list or a part of a text.

Source: the Amazon States Language, sections "Payload Template" and "Intrinsic Functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Language(Enum):
    """A query language of the Amazon States Language."""

    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


_STEP = re.compile(r"\.([A-Za-z_]\w*)|\['([^']+)'\]|\[(\d+)\]")


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
        root, rest = (
            ("$states.context", self.jsonpath[2:])
            if self.jsonpath.startswith("$$")
            else ("$states.input", self.jsonpath[1:])
        )
        out, at = root, 0
        if not self.jsonpath.startswith("$"):
            rest = "?"
        while at < len(rest):
            step = _STEP.match(rest, at)
            if step is None:
                msg = f"{self.jsonpath} has no counterpart in JSONata; pass a '{{% %}}' expression"
                raise ValueError(msg)
            name, quoted, index = step.groups()
            key = name or quoted
            out += f"[{index}]" if key is None else f".{jsonata_name(key)}"
            at = step.end()
        return out


@dataclass(frozen=True, slots=True)
class Expression:
    """A JSONata expression of the user's.

    Attributes:
        jsonata: The expression, without the ``{% %}``.
    """

    jsonata: str

    @property
    def jsonpath(self) -> str:
        """Nothing: JSONPath cannot say it.

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
        template = "".join(_escape(part, "\\'{}") if isinstance(part, str) else "{}" for part in self.parts)
        return f"States.Format({', '.join([_quoted(template), *(value.jsonpath for value in values)])})"

    @property
    def jsonata(self) -> str:
        """The text as a concatenation in JSONata, without the ``{% %}``."""
        if len(self.parts) == 1:
            return f"$string({_operand(self.parts[0])})"
        return " & ".join(_operand(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Merge:
    """Objects that are put together at run time, name by name; the last that has a name says its value.

    Source: "Intrinsic functions for JSONPath states" of the Step Functions developer guide, which merges shallowly only.

    Attributes:
        parts: Mappings with texts and runtime values in them, and objects that are known only at run time, in order.
    """

    parts: tuple[Mapping[str, str | Runtime] | Runtime, ...]

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


def as_json(value: Path | Expression) -> Path | Expression:
    """A value of any type as a text of JSON."""
    if isinstance(value, Expression):
        return Expression(f"$string({value.jsonata})")
    return _computed(f"States.JsonToString({value.jsonpath})", "$string({})", value)


def doubled(value: Path | Expression) -> Path | Expression:
    """Twice a number."""
    if isinstance(value, Expression):
        return Expression(f"2 * ({value.jsonata})")
    return _computed(f"States.MathAdd({value.jsonpath}, {value.jsonpath})", "2 * {}", value)


def _computed(jsonpath: str, jsonata: str, value: Path) -> Path:
    """What is worked out from a value; in JSONPath alone, where the value has no counterpart in JSONata."""
    try:
        return Path(jsonpath, jsonata.format(value.jsonata))
    except ValueError:
        return Path(jsonpath)


def merged(*parts: Mapping[str, Any] | Runtime) -> dict[str, Any] | Runtime:
    """Objects put together, name by name; a mapping if all of them are mappings."""
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
    """Concatenates texts and runtime values; a text if nothing in it is known only at run time."""
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


def execution_input(*names: str | int) -> Path:
    """The member of the execution's input that these names, and numbers of items, lead to.

    Raises:
        ValueError: If no path can be written for a name, or one is a path itself.
    """
    if not names or any(isinstance(name, str) and (not name or set(name) & set("'\\`")) for name in names):
        raise ValueError(f"must be names without quotes and backslashes, got {', '.join(map(repr, names)) or 'none'}")
    for name in names:
        if isinstance(name, str) and _LIKE_A_PATH.search(name):
            raise ValueError(f"must be names, each of one member, got the path {name!r}; {_one_by_one(name)}")
        if isinstance(name, int) and (isinstance(name, bool) or name < 0):
            raise ValueError(f"must be names and numbers of items from 0, got {name!r}")
    steps = (f"[{name}]" if isinstance(name, int) else f"['{name}']" for name in names)
    return Path("$$.Execution.Input" + "".join(steps))


_LIKE_A_PATH = re.compile(r"[.\[\]*]|^\$")


def _one_by_one(path: str) -> str:
    """How to pass what was meant by a path."""
    names = re.findall(r"[^.\[\]*$]+", path)
    shown = ", ".join(name if name.isdecimal() else repr(name) for name in names)
    whole = f"sfn.JsonPath.string_at(\"$$.Execution.Input['{path}']\") for a name that has such characters"
    return f"pass execution_input({shown}), or {whole}" if names else f"pass {whole}"


_JSONATA = re.compile(r"\{%(.*?)%\}", re.DOTALL)


def parse_jsonata(text: str) -> str | Runtime:
    """A text in which each ``{% %}`` has become an expression; a text that has none stays as it is."""
    pieces = _JSONATA.split(text)
    return join(*(Expression(piece.strip()) if at % 2 else piece for at, piece in enumerate(pieces)))


EXECUTION_NAME = Path("$$.Execution.Name")


def member_path(*names: str, root: str = "$") -> str:
    """A JSONPath to a member: ``$.a.b``, or ``$['a b']`` for a name that is not an identifier."""
    return root + "".join(
        f".{name}" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f"['{name}']" for name in names
    )


_JSONATA_WORDS = frozenset({"and", "false", "function", "in", "null", "or", "true"})


def key_for(name: str) -> str:
    """A name as the key of a member: quotes, backslashes and control characters, which no path can hold, are replaced."""
    return re.sub(r"['\"`\\\x00-\x1f\x7f]", "_", name)


def jsonata_name(name: str) -> str:
    """A field name as JSONata writes it in a path."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name not in _JSONATA_WORDS
    return name if plain else f"`{name}`"


def jsonata_text(text: str) -> str:
    """A string literal of JSONata, which has no escape for a single quote: a text with one stands in double quotes."""
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return '"' + escaped.replace('"', '\\"') + '"' if "'" in text else f"'{escaped}'"


def render(template: Any, language: Language) -> Any:  # noqa: ANN401 - a request is JSON
    """Writes a template as ``Parameters`` (JSONPath) or ``Arguments`` (JSONata).

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
    """Whether a value holds anything that is known only when the workflow runs."""
    if isinstance(template, Mapping):
        return any(has_runtime(value) for value in template.values())
    if isinstance(template, (list, tuple)):
        return any(has_runtime(item) for item in template)
    return isinstance(template, Runtime) or is_jsonata(template)


def is_jsonata(value: object) -> bool:
    """Whether a value is a JSONata expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def _expression(value: Any) -> str | None:  # noqa: ANN401 - a request is JSON
    """The JSONPath expression of a member, or None if the member is written as it is."""
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
        return _quoted(_escape(value, "\\'"))
    if isinstance(value, (int, float)):
        return repr(value)
    msg = f"a list with a runtime value in it can only hold texts, numbers and booleans beside it, got {value!r}"
    raise TypeError(msg)


def _operand(part: str | Path | Expression | Merge) -> str:
    """A part of a concatenation in JSONata."""
    if isinstance(part, str):
        return jsonata_text(part)
    return f"({part.jsonata})" if isinstance(part, Expression) else part.jsonata


def _object_in_jsonpath(members: Mapping[str, str | Runtime]) -> str:
    """An object whose members are known in part; JSONPath has no literal for one, but a function that reads JSON."""
    written, values = [], []
    for name, value in members.items():
        key = _escape(json.dumps(name, ensure_ascii=False), "\\'{}")
        if isinstance(value, Runtime):
            values.append(f"States.JsonToString({value.jsonpath})")
        written.append(
            f"{key}:"
            + ("{}" if isinstance(value, Runtime) else _escape(json.dumps(value, ensure_ascii=False), "\\'{}"))
        )
    template = _quoted("\\{" + ",".join(written) + "\\}")
    return f"States.StringToJson(States.Format({', '.join([template, *values])}))"


def _object_in_jsonata(members: Mapping[str, str | Runtime]) -> str:
    written = (
        f"{jsonata_text(name)}: {value.jsonata if isinstance(value, Runtime) else jsonata_text(value)}"
        for name, value in members.items()
    )
    return f"{{{', '.join(written)}}}"


def _escape(text: str, special: str) -> str:
    """Escapes characters, but not those of CDK tokens, which stand for text that is filled in at deployment."""
    pieces = re.split(r"(\$\{Token\[[^\]]*\]\})", text)
    return "".join(
        piece if at % 2 else "".join(f"\\{char}" if char in special else char for char in piece)
        for at, piece in enumerate(pieces)
    )


def _quoted(text: str) -> str:
    return f"'{text}'"
