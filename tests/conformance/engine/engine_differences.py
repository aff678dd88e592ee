"""Where the engines differ: at most fifteen kinds, each with the title of AWS's page that says who is right."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

JSONATA = "Transforming data with JSONata in Step Functions"

INTRINSICS = "Intrinsic functions for JSONPath states in Step Functions"
CHOICE = "Choice workflow state"
ERRORS = "Handling errors in Step Functions workflows"

EXPRESSIONS: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "What the reference makes NaN of, a year beyond 9999 and a time zone without digits, fails.": (
            (
                "$fromMillis(1e20)",
                '$fromMillis(1e20, "[Y0001]-[M01]-[D01]")',
                "$fromMillis(1e15)",
                '$fromMillis(0, "[H]:[m]", "")',
                '$fromMillis(0, "[H]:[m]", "b")',
            ),
            JSONATA,
        ),
        "What is no text, but undefined or a function, replaces no text; the reference writes JavaScript's word for it.": (
            (
                '$replace("abcb", "b", $nothing)',
                '$replace("abcb", "b", $states.input.list[$ > 9])',
                '$replace("abcb", "b", function($x) { $x })',
                '$replace("abcb", "b", /b/)',
            ),
            JSONATA,
        ),
        "A text is split into characters; half a character, as the reference gives, is nothing that JSON has.": (
            ("$reverse($split('a\U0001f600', ''))",),
            JSONATA,
        ),
    }
)
"""Differences of expressions: what is right, the expressions, and the page."""

DEFINITIONS: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "A result cannot be put into a text; moto fails by an error of Python's.": (
            ("pass result path over text",),
            ERRORS,
        ),
        "Only * stands for any characters, and ? for itself; timestamps are compared as moments, not as texts.": (
            ("choice StringMatches not", "choice TimestampEquals"),
            CHOICE,
        ),
        "An item that fails fails a distributed Map that tolerates none.": (
            ("map distributed fails",),
            "Setting failure thresholds for Distributed Map states in Step Functions",
        ),
        "Where nothing matches, the error is States.NoChoiceMatched.": (
            ("choice no default", "choice jsonata no default"),
            CHOICE,
        ),
        "A Variable that leads nowhere ends the execution, but for IsPresent.": (("choice missing",), ERRORS),
        "An expression of another type than its field needs is a States.QueryEvaluationError.": (
            (
                *("choice jsonata number", "choice jsonata text", "choice jsonata list", "choice jsonata null"),
                *("wait jsonata seconds text", "fail jsonata number"),
            ),
            JSONATA,
        ),
        "A Map goes through an object; what has no items is a States.Runtime in JSONPath.": (
            ("map object", "map text"),
            "ItemsPath (Map, JSONPath only)",
        ),
        "States.Format takes as many arguments as its template has places, and reads escaped braces.": (
            ("intrinsic States.Format('{}', $.s, $.n)", "intrinsic States.Format('\\{{}\\}', $.s)"),
            INTRINSICS,
        ),
        "null is an argument, and an apostrophe may be escaped; moto's grammar drops what it cannot read.": (
            (
                "intrinsic States.Format('{}', null)",
                "intrinsic States.Array(1, 'a', $.o, null, true)",
                "intrinsic States.Format('it\\'s {}', $.s)",
            ),
            INTRINSICS,
        ),
        "States.TaskFailed catches every error of a Task but a timeout.": (
            ("task jsonata query error is a failed task",),
            ERRORS,
        ),
        "States.ArrayRange counts downwards, too.": (("intrinsic States.ArrayRange(5, 1, -2)",), INTRINSICS),
        "States.ArrayUnique tells true from 1.": (
            ("intrinsic States.ArrayUnique(States.Array(1, true, 1, 'a', 'a'))",),
            INTRINSICS,
        ),
    }
)
"""Differences of definitions: what is right, the cases, and the page."""

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "intrinsic States.Format('{}', 1.5)": "moto's grammar has no fractions in arguments",
        "intrinsic States.MathAdd(1, 2.6)": "moto's grammar has no fractions in arguments",
        "intrinsic States.ArrayRange(1, 5)": "refused as on AWS, where an execution never starts; a simulation fails the state",
        "intrinsic States.JsonMerge($.o, $.o)": "likewise",
        "intrinsic States.MathAdd(1)": "likewise",
        "intrinsic States.UUID(1)": "likewise",
        "intrinsic States.None(1)": "likewise",
    }
)
"""Hand-written definitions that moto's parser refuses, and why."""
