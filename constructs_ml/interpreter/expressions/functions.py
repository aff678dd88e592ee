"""The functions of expressions: those of jsonata-python, with replacements for those that behave differently."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jsonata.jsonata import Jsonata
from jsonata.signature import Signature

from constructs_ml.interpreter.expressions import aws, numbers, pictures, sequences, texts, times
from constructs_ml.interpreter.expressions.patterns import as_object, matches
from constructs_ml.interpreter.expressions.values import NULL, Value, clone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OURS: Mapping[str, tuple[str, Callable[..., Value]]] = MappingProxyType(
    {
        "string": ("<x-b?:s>", texts.string),
        "lowercase": ("<s-:s>", texts.lowercase),
        "contains": ("<s-(sf):b>", texts.contains),
        "match": ("<s-f<s:o>n?:a<o>>", texts.match),
        "replace": ("<s-(sf)(sf)n?:s>", texts.replace),
        "split": ("<s-(sf)n?:a<s>>", texts.split),
        "base64encode": ("<s-:s>", texts.base64encode),
        "base64decode": ("<s-:s>", texts.base64decode),
        "decodeUrlComponent": ("<s-:s>", texts.decode_url_component),
        "decodeUrl": ("<s-:s>", texts.decode_url),
        "formatNumber": ("<n-so?:s>", pictures.format_number),
        "parseInteger": ("<s-s:n>", numbers.parse_integer),
        "number": ("<(nsb)-:n>", numbers.number),
        "round": ("<n-n?:n>", numbers.round_number),
        "clone": ("<(oa)-:o>", clone),
        "type": ("<x:s>", sequences.type_of),
        "distinct": ("<x:x>", sequences.distinct),
        "sort": ("<af?:a>", sequences.sort),
        "toMillis": ("<s-s?:n>", times.to_millis),
        "fromMillis": ("<n-s?s?:s>", times.from_millis),
        "partition": ("<an:a>", aws.partition),
        "range": ("<nnn:a<n>>", aws.number_range),
        "hash": ("<ss:s>", aws.hashed),
        "parse": ("<s:x>", aws.parse),
    }
)
"""Names, signatures and functions."""
_OF_FUNCTIONS = ("map", "filter", "single", "reduce", "sift", "each", "sort")
"""Functions that call another, which may be a regular expression."""


class NullSignature(Signature):  # type: ignore[misc]
    """A signature that distinguishes null from undefined."""

    def get_symbol(self, value: Value) -> str:
        """Return the letter of a value's type."""
        return "l" if value is NULL else str(super().get_symbol(value))

    @classmethod
    def of(cls, signature: Signature) -> NullSignature:
        """Return the same signature, distinguishing null from undefined."""
        made = cls.__new__(cls)
        made.__dict__.update(signature.__dict__)
        return made


class Function(Jsonata.JFunction):  # type: ignore[misc]
    """A function of Python.

    Args:
        name: Its name.
        signature: Its signature.
        call: The function.
    """

    def __init__(self, name: str, signature: str, call: Callable[..., Value]) -> None:
        super().__init__(Jsonata.JLambda(call), signature)
        self.function_name = name
        self.signature.set_function_name(name)


def frame() -> Any:  # noqa: ANN401 - the library ships no types
    """The names that every expression sees; there is no ``$eval``."""
    made = Jsonata.Frame(Jsonata.static_frame)
    for name, (signature, call) in _OURS.items():
        made.bind(name, Function(name, signature, call))
    made.bind("eval", None)
    return made


def validated(function: Any, arguments: list[Value], context: Value) -> list[Value]:  # noqa: ANN401
    """Return the arguments of a function, as its signature requires them.

    Raises:
        JException: If they are of other types.
    """
    if getattr(function, "function_name", None) in _OF_FUNCTIONS:
        arguments = [_matcher(each) if isinstance(each, re.Pattern) else each for each in arguments]
    signature = getattr(function, "signature", None)
    return arguments if signature is None else list(NullSignature.of(signature).validate(arguments, context))


def _matcher(pattern: re.Pattern[str]) -> Function:
    """Return a regular expression as a function of its first match."""

    def first(value: Value, _index: Value = None) -> Value:
        found = None if value is None else next(matches(pattern, texts.string(value)), None)
        return None if found is None else as_object(found)

    return Function("matcher", "<xx:x>", first)
