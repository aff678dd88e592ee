"""Checks a job's props and values against the query languages that can write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language, render
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER = {
    "input_path": "state_output",
    "output_path": "state_output",
    "result_path": "state_output",
    "result_selector": "state_output",
    "state_output": "result_path",
}


def language_of(query_language: Any) -> Language | None:  # noqa: ANN401 - an enum of aws-cdk-lib's, or its value
    """The query language by aws-cdk-lib's name for it; None for none."""
    name = getattr(query_language, "name", query_language)
    if name is None:
        return None
    return Language.JSONATA if name in {"JSONATA", "JSONata"} else Language.JSONPATH


def prop_faults(language: Language, props: Mapping[str, Any]) -> list[Fault]:
    """The props that a language does not have."""
    return [
        Fault(name, f"cannot be used in {language.value}, got {props[name]!r}", f"pass {_OTHER[name]}=")
        for name in _OTHER
        if props.get(name) is not None and (name == "state_output") is (language is Language.JSONPATH)
    ]


def value_faults(language: Language, request: Mapping[str, Any]) -> list[Fault]:
    """The members of a request that cannot be written in a language."""
    faults = []
    for member, value in request.items():
        try:
            render({member: value}, language)
        except ValueError as error:
            fix = "pass query_language=sfn.QueryLanguage.JSONATA, or a JsonPath"
            faults.append(Fault(member, f"cannot be written: {error}", fix if language is Language.JSONPATH else ""))
    return faults
