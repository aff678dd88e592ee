"""Shortcuts to what the analysis says of a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.jsonpath import read_path
from constructs_ml.lint import Machine
from constructs_ml.lint.dataflow.analysis import flow_of
from constructs_ml.lint.dataflow.lookup import Outcome, find

if TYPE_CHECKING:
    from constructs_ml.lint.dataflow.shape import Shape

END: dict[str, Any] = {"Type": "Succeed"}


def definition(language: str = "JSONPath", **states: dict[str, Any]) -> dict[str, Any]:
    """A definition of these states; one without a way on leads to the one after it."""
    names = list(states)
    ways = {"Next", "End", "Choices"}
    made = {
        name: state if state["Type"] in {"Succeed", "Fail"} or ways & state.keys() else {**state, "Next": after}
        for (name, state), after in zip(states.items(), [*names[1:], ""], strict=True)
    }
    return {"QueryLanguage": language, "StartAt": names[0], "States": made}


def at(body: dict[str, Any], name: str) -> Shape:
    """What the input of a state is."""
    (found,) = [frame.input for state, frame in flow_of(Machine(body)).frames.items() if state.name == name]
    return found


def variables_at(body: dict[str, Any], name: str) -> Shape:
    """What the variables are that a state sees."""
    (found,) = [frame.variables for state, frame in flow_of(Machine(body)).frames.items() if state.name == name]
    return found


def outcome(shape: Shape, path: str) -> Outcome:
    """Whether a path leads to something."""
    return find(shape, read_path(path).steps).outcome


def reads(body: dict[str, Any], name: str) -> dict[str, Outcome]:
    """What a state reads: whether each path leads to something."""
    return {read.text: read.found.outcome for read in flow_of(Machine(body)).reads if read.state.name == name}
