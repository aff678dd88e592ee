"""Checks a job's props and values against the query languages that can write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Language, braced, render
from constructs_ml.asl.literals import jsonata_text
from constructs_ml.asl.retry import WILDCARDS
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Catches: TypeAlias = "Sequence[tuple[sfn.IChainable, Sequence[str] | None, str | None]]"
"""The handlers of a state's catches, the errors of each, and its result path."""
DISCARD = sfn.JsonPath.DISCARD
_MEMBER = re.compile(r"\$\.(\w+)|\$\['([^']+)'\]", re.ASCII)

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


def metric_faults(props: Mapping[str, Any], catches: Catches) -> list[Fault]:
    """The props of a state that is written in JSONata for its metrics, in the midst of states in JSONPath.

    Args:
        props: The state's props.
        catches: Its catches.
    """
    why = "of a state whose metric is used, as it is written in JSONata"
    faults = [
        Fault(name, f"cannot be a path {why}", "pass sfn.Timeout.duration(...)")
        for name in ("heartbeat_timeout", "task_timeout")
        if getattr(props.get(name), "path", None) is not None
    ]
    if props.get("assign") is not None:
        faults.append(Fault("assign", f"cannot be used {why}", "add a Pass that assigns"))
    for _, _, path in catches:
        if path not in {None, "$", DISCARD} and _MEMBER.fullmatch(str(path)) is None:
            problem = f"of a Catch must be one member {why}, got {path!r}"
            faults.append(Fault("result_path", problem, "pass '$.error'"))
    return faults


def in_jsonata(catches: Catches) -> list[dict[str, Any]]:
    """Return the ``Catch`` of a state in JSONata that does what the paths of a state in JSONPath do.

    Wildcards come last, as aws-cdk-lib has them.
    """
    written = []
    for handler, errors, path in catches:
        entry: dict[str, Any] = {"ErrorEquals": list(errors or ["States.ALL"]), "Next": handler.start_state.state_id}
        if path == DISCARD:
            entry["Output"] = braced("$states.input")
        elif path is not None and (found := _MEMBER.fullmatch(path)):
            name = jsonata_text(found[1] or found[2])
            entry["Output"] = braced(f"$merge([$states.input, {{{name}: $states.errorOutput}}])")
        written.append(entry)
    return sorted(written, key=lambda entry: max(map(_width, entry["ErrorEquals"])))


def _width(error: str) -> int:
    return WILDCARDS.index(error) + 1 if error in WILDCARDS else 0


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
