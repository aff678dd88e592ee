"""The fields of the Amazon States Language: their states, query languages and values.

Source: the Amazon States Language, and the pages on each state type of the Step Functions developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from constructs_ml.asl.expressions import Language


class Kind(Enum):
    """The kind of a field's value, as messages name it."""

    ANY = "anything"
    TEXT = "a string"
    PATH = "a path"
    PATH_OR_NULL = "a path or null"
    FLAG = "true or false"
    COUNT = "a whole number"
    NUMBER = "a number"
    TIME = "a time such as 2026-01-31T12:00:00Z"
    OBJECT = "an object"
    LIST = "a list"
    COLLECTION = "a list, an object or an expression"
    CONDITION = "true, false or an expression"


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        kind: The kind of its value.
        language: The only query language that has it; None for both.
        least: The least number.
        most: The greatest number, or the greatest length of a string.
        values: The strings that it may be; empty for any.
        expression: True if it may be an expression in JSONata instead.
    """

    kind: Kind
    language: Language | None = None
    least: float | None = None
    most: float | None = None
    values: tuple[str, ...] = ()
    expression: bool = False


Fields = Mapping[str, Field]

_JSONPATH, _JSONATA = Language.JSONPATH, Language.JSONATA
_LONGEST = 99_999_999
_ANY, _TEXT, _OBJECT = Field(Kind.ANY), Field(Kind.TEXT), Field(Kind.OBJECT)
_PATH = Field(Kind.PATH, _JSONPATH)
_WORDS = Field(Kind.TEXT, expression=True)
_SECONDS = Field(Kind.COUNT, least=1, most=_LONGEST, expression=True)
_LANGUAGE = Field(Kind.TEXT, values=tuple(language.value for language in Language))


def _either(name: str, field: Field) -> dict[str, Field]:
    """Return a field that may be given by a path in JSONPath instead."""
    return {name: field, f"{name}Path": _PATH}


_COMMON = {"Type": _TEXT, "Comment": _TEXT, "QueryLanguage": _LANGUAGE}
_SCOPE = {"Comment": _TEXT, "StartAt": _TEXT, "States": _OBJECT}
_THROUGH = {
    "InputPath": Field(Kind.PATH_OR_NULL, _JSONPATH),
    "OutputPath": Field(Kind.PATH_OR_NULL, _JSONPATH),
    "Output": Field(Kind.ANY, _JSONATA),
}
_ASSIGN = {"Assign": _OBJECT}
_ONWARD = {"Next": _TEXT, "End": Field(Kind.FLAG)}
_RESULT_PATH = {"ResultPath": Field(Kind.PATH_OR_NULL, _JSONPATH)}
_PARAMETERS = {"Parameters": Field(Kind.ANY, _JSONPATH)}
_ARGUMENTS = {"Arguments": Field(Kind.ANY, _JSONATA)}
_WORK = {
    **_RESULT_PATH,
    **_PARAMETERS,
    "ResultSelector": Field(Kind.OBJECT, _JSONPATH),
    "Retry": Field(Kind.LIST),
    "Catch": Field(Kind.LIST),
}
_STEP = {**_COMMON, **_THROUGH, **_ASSIGN, **_ONWARD}
_TOLERATED = {
    **_either("ToleratedFailureCount", Field(Kind.COUNT, least=0, expression=True)),
    **_either("ToleratedFailurePercentage", Field(Kind.NUMBER, least=0, most=100, expression=True)),
}

TOP: Fields = MappingProxyType(
    {
        **_SCOPE,
        "QueryLanguage": _LANGUAGE,
        "TimeoutSeconds": Field(Kind.COUNT, least=1, most=_LONGEST),
        "Version": _TEXT,
    }
)
BRANCH: Fields = MappingProxyType(_SCOPE)
PROCESSOR: Fields = MappingProxyType({**_SCOPE, "ProcessorConfig": _OBJECT})
PROCESSOR_CONFIG: Fields = MappingProxyType(
    {
        "Mode": Field(Kind.TEXT, values=("INLINE", "DISTRIBUTED")),
        "ExecutionType": Field(Kind.TEXT, values=("STANDARD", "EXPRESS")),
    }
)
ITEM_READER: Fields = MappingProxyType({"Resource": _TEXT, **_PARAMETERS, **_ARGUMENTS, "ReaderConfig": _OBJECT})
READER_CONFIG: Fields = MappingProxyType(
    {
        "InputType": Field(Kind.TEXT, values=("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")),
        "CSVHeaderLocation": Field(Kind.TEXT, values=("FIRST_ROW", "GIVEN")),
        "CSVHeaders": Field(Kind.LIST),
        "CSVDelimiter": Field(Kind.TEXT, values=("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")),
        **_either("MaxItems", Field(Kind.COUNT, least=0, expression=True)),
        "ManifestType": Field(Kind.TEXT, values=("ATHENA_DATA", "S3_INVENTORY")),
        "ItemsPointer": _TEXT,
        "Transformation": Field(Kind.TEXT, values=("NONE", "LOAD_AND_FLATTEN")),
    }
)
RESULT_WRITER: Fields = MappingProxyType({"Resource": _TEXT, **_PARAMETERS, **_ARGUMENTS, "WriterConfig": _OBJECT})
WRITER_CONFIG: Fields = MappingProxyType(
    {
        "OutputType": Field(Kind.TEXT, values=("JSON", "JSONL")),
        "Transformation": Field(Kind.TEXT, values=("NONE", "COMPACT", "FLATTEN")),
    }
)
ITEM_BATCHER: Fields = MappingProxyType(
    {
        **_either("MaxItemsPerBatch", Field(Kind.COUNT, least=1, expression=True)),
        **_either("MaxInputBytesPerBatch", Field(Kind.COUNT, least=1, most=262_144, expression=True)),
        "BatchInput": _ANY,
    }
)
CREDENTIALS: Fields = MappingProxyType({"RoleArn": _WORDS, "RoleArn.$": _PATH})
RETRIER: Fields = MappingProxyType(
    {
        "ErrorEquals": Field(Kind.LIST),
        # What numbers these may be is what the rules about errors say.
        "IntervalSeconds": _ANY,
        "MaxAttempts": _ANY,
        "BackoffRate": _ANY,
        "MaxDelaySeconds": _ANY,
        "JitterStrategy": _ANY,
    }
)
CATCHER: Fields = MappingProxyType(
    {"ErrorEquals": Field(Kind.LIST), "Next": _TEXT, **_RESULT_PATH, **_ASSIGN, "Output": Field(Kind.ANY, _JSONATA)}
)

STATES: Mapping[str, Fields] = MappingProxyType(
    {
        "Pass": {**_STEP, **_RESULT_PATH, **_PARAMETERS, "Result": Field(Kind.ANY, _JSONPATH)},
        "Task": {
            **_STEP,
            **_WORK,
            **_ARGUMENTS,
            "Resource": _TEXT,
            "Credentials": _OBJECT,
            **_either("TimeoutSeconds", _SECONDS),
            **_either("HeartbeatSeconds", _SECONDS),
        },
        "Choice": {**_COMMON, **_THROUGH, **_ASSIGN, "Choices": Field(Kind.LIST), "Default": _TEXT},
        "Wait": {
            **_STEP,
            **_either("Seconds", Field(Kind.COUNT, least=0, most=_LONGEST, expression=True)),
            **_either("Timestamp", Field(Kind.TIME, expression=True)),
        },
        "Succeed": {**_COMMON, **_THROUGH},
        "Fail": {**_COMMON, **_either("Error", _WORDS), **_either("Cause", _WORDS)},
        "Parallel": {**_STEP, **_WORK, **_ARGUMENTS, "Branches": Field(Kind.LIST)},
        "Map": {
            **_STEP,
            **_WORK,
            "ItemProcessor": _OBJECT,
            "Iterator": _OBJECT,
            "ItemsPath": _PATH,
            "Items": Field(Kind.COLLECTION, _JSONATA, expression=True),
            "ItemSelector": _ANY,
            "ItemReader": _OBJECT,
            "ItemBatcher": _OBJECT,
            "ResultWriter": _OBJECT,
            **_either("MaxConcurrency", Field(Kind.COUNT, least=0, expression=True)),
            **_TOLERATED,
            "Label": Field(Kind.TEXT, most=40),
        },
    }
)
"""The fields of each type of state."""

# What an operator compares with; the same with "Path" after it takes the operand from a path.
_COMPARED = {"String": Kind.TEXT, "Numeric": Kind.NUMBER, "Timestamp": Kind.TIME}
_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_TESTS = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
OPERATORS: Fields = MappingProxyType(
    {
        **{f"{what}{order}": Field(kind, _JSONPATH) for what, kind in _COMPARED.items() for order in _ORDERS},
        **{f"{what}{order}Path": _PATH for what in _COMPARED for order in _ORDERS},
        "BooleanEquals": Field(Kind.FLAG, _JSONPATH),
        "BooleanEqualsPath": _PATH,
        "StringMatches": Field(Kind.TEXT, _JSONPATH),
        **{test: Field(Kind.FLAG, _JSONPATH) for test in _TESTS},
    }
)
"""The operators of Choice rules."""

CHOICE_RULE_FIELDS: Fields = MappingProxyType(
    {
        "Next": _TEXT,
        **_ASSIGN,
        "Output": Field(Kind.ANY, _JSONATA),
        "Condition": Field(Kind.CONDITION, _JSONATA, expression=True),
        "Variable": _PATH,
        "And": Field(Kind.LIST, _JSONPATH),
        "Or": Field(Kind.LIST, _JSONPATH),
        "Not": Field(Kind.OBJECT, _JSONPATH),
        **OPERATORS,
    }
)
