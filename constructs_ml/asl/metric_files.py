"""Reading of a small JSON object in S3 by one state: the request, and the expression that checks what came.

A response larger than 256 KiB ends an execution with an error that no Catch gets, so the request asks for a part of the object
only, and a larger one is an error of the expression. Every error is ``States.QueryEvaluationError``, which a Catch gets, and
its cause names the object, the member, its value and what is allowed.

Source: GetObject of the Amazon S3 API reference, ``Range`` and ``ContentRange``; "Quotas" and "Transforming data with JSONata"
of the Step Functions developer guide, by which ``$parse`` reads JSON and ``$error`` fails a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, Union

from constructs_ml.asl.literals import jsonata_text

LARGEST = 32_768
"""The most bytes of an object. In a response each may take six characters (``\\u0000``): 192 KiB, of 256 that a state may get."""
QUERY_ERROR = "States.QueryEvaluationError"
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of a member.

    Attributes:
        type: Its name in JSONata's ``$type``.
        article: The name of a value of it in errors.
        keep: The function that leaves a value of it as it is; the data flow learns the type from it.
    """

    type: str
    article: str
    keep: str


NUMBER = Kind("number", "a number", "number")
WHOLE = Kind("number", "a whole number", "number")
TEXT = Kind("string", "a text", "string")
BOOLEAN = Kind("boolean", "true or false", "boolean")
OBJECT = Kind("object", "an object", "")
KINDS: Mapping[type, Kind] = {float: NUMBER, int: WHOLE, str: TEXT, bool: BOOLEAN}
"""The types of members, by the types of Python that declare them."""

Declared: TypeAlias = Mapping[str, Union[Kind, "Declared"]]
"""Members by their names, in objects as deep as declared."""

# Without its strings, numbers and words, JSON is brackets, commas and colons. Brackets in the regular expressions are escaped, and
# so is no other last character of a class: JSONata counts the brackets that no backslash precedes to find the end of an expression.
_BARE = r"""$replace($text, /"[^\\"]*(\\.[^\\"]*)*"|-?[0-9][0-9.eE+-]*|true|false|null/, '')"""
_NAN = r'$match($text, /"([^\\"]*)"[ \t\r\n]*:[ \t\r\n]*(NaN|-?Infinity)/)'
_OBJECT = r"/^[ \t\r\n]*\{[ \t\r\n\[\]\{\}:,]*\}[ \t\r\n]*$/"


def byte_range() -> str:
    """Return the ``Range`` of the request: never more than fits into a state's result."""
    return f"bytes=0-{LARGEST - 1}"


def read_expression(place: str, name: str, declared: Declared) -> str:
    """Return the ``Output`` of the state, in JSONata: its input, and the declared members under a name.

    Args:
        place: The object's URI, as an operand in JSONata.
        name: The name for the members.
        declared: The members.
    """
    shown = f"$substring($string($value), 0, {_SHOWN})"
    takes = (
        "function($from, $name, $at, $kind, $whole, $article) {("
        "$value := $lookup($from, $name); "
        "($type($value) = $kind ? ($whole ? $floor($value) = $value : true) : false) ? $value : "
        f"$no($at & ' must be ' & $article & ', got ' & ($exists($value) ? {shown} : 'nothing')))}}"
    )
    balanced = r"$length($replace($bare, /[^\{\[]/, '')) = $length($replace($bare, /[^\}\]]/, ''))"
    not_a_number = "$nan[0].groups[0] & ' must be a number, got ' & $nan[0].groups[1] & ', which JSON does not have'"
    no_object = f"'must be a JSON object, got ' & ($text = '' ? 'nothing' : $substring($text, 0, {_SHOWN}))"
    no = f"$no($exists($nan) ? {not_a_number} : {no_object})"
    steps = [
        f"$no := function($problem) {{$error({place} & ': ' & $problem)}}",
        "$size := $number($substringAfter($states.result.ContentRange, '/'))",
        f"$size > {LARGEST} ? $no('has ' & $string($size) & ' bytes, and a state reads at most {LARGEST}; write less')",
        "$text := $states.result.Body",
        f"$bare := {_BARE}",
        f"$nan := {_NAN}",
        f"$read := ($contains($bare, {_OBJECT}) ? {balanced} : false) ? $parse($text) : {no}",
        f"$take := {takes}",
        f"$merge([$states.input, {{{jsonata_text(name)}: {_object(declared, '$read', '')}}}])",
    ]
    return f"({'; '.join(steps)})"


def _object(declared: Declared, source: str, at: str) -> str:
    return "{" + ", ".join(_member(name, kind, source, f"{at}{name}") for name, kind in declared.items()) + "}"


def _member(name: str, kind: Kind | Declared, source: str, at: str) -> str:
    key = jsonata_text(name)
    if isinstance(kind, Mapping):
        inner = _object(kind, _taken(key, OBJECT, source, at), f"{at}.")
        return f"{key}: {inner}"
    return f"{key}: ${kind.keep}({_taken(key, kind, source, at)})"


def _taken(key: str, kind: Kind, source: str, at: str) -> str:
    whole = "true" if kind is WHOLE else "false"
    return f"$take({source}, {key}, {jsonata_text(at)}, '{kind.type}', {whole}, '{kind.article}')"
