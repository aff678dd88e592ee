"""Workflows that exceed a quota of Step Functions or CloudFormation are refused, or warned of where they only may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.defects import definition_violations, template_violations, violations
from support.templates import states

from constructs_ml.lint import Machine, Severity, check_machine, check_template
from constructs_ml.lint.input.files import read_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs_ml.lint import Violation

    Defect = Callable[[dict[str, Any]], object]


def whole(state: str, **members: str) -> Defect:
    """Keeps all of a job's description, with members of its request that are known at run time only."""

    def defect(at: dict[str, Any]) -> None:
        body = at[state]
        body.pop("ResultSelector", None)
        body.pop("Output", None)
        body["Arguments" if "Arguments" in body else "Parameters"].update(members)

    return defect


def told(found: list[Violation], rule: str, severity: Severity, state: str, *said: str) -> None:
    """There is one violation, and this is what it says."""
    assert [(item.rule, item.severity, item.state) for item in found] == [(rule, severity, state)], found
    for text in said:
        assert text in found[0].message


def test_a_whole_description_with_hyperparameters_from_the_input_is_warned_of() -> None:
    """A hundred hyperparameters of 2,500 characters alone are more than a state may hand on."""
    found = violations(whole("Train", **{"HyperParameters.$": "$$.Execution.Input.hyperparameters"}))
    told(
        found, "CML401", Severity.WARNING, "Train", "Train: keeps up to", "1.2 times the 262,144", "in a ResultSelector"
    )


def test_so_it_is_in_jsonata() -> None:
    """The whole result is what a state hands on that has no Output."""
    expression = "{% $states.context.Execution.Input.hyperparameters %}"
    found = violations(whole("Train", HyperParameters=expression), jsonata=True)
    told(
        [item for item in found if item.rule == "CML401"],
        "CML401",
        Severity.WARNING,
        "Train",
        "Train: keeps up to",
        "in an Output",
    )


def test_an_output_that_has_the_whole_result_in_it_is_warned_of() -> None:
    """It is the same whether the result stands alone or is merged with the input."""

    def defect(at: dict[str, Any]) -> None:
        request = at["Train"]["Arguments"]
        request["HyperParameters"] = "{% $states.context.Execution.Input.hyperparameters %}"
        at["Train"]["Output"] = "{% $merge([$states.input, {'Train': $states.result}]) %}"

    told(violations(defect, jsonata=True), "CML401", Severity.WARNING, "Train", "times the 262,144")


def test_a_whole_description_of_what_is_known_fits() -> None:
    """What the request says counts as it is written."""
    assert violations(whole("Train")) == []


def test_descriptions_that_are_too_much_together_are_warned_of_once() -> None:
    """Ten whole descriptions of 30 KB are kept side by side."""

    def defect(body: dict[str, Any]) -> None:
        both = states(body)["TrainAndTune"]
        train = both["Branches"][0]["States"]["Train"]
        del train["ResultSelector"]
        for at in range(10):
            name = f"Train{at}"
            both["Branches"].append({"StartAt": name, "States": {name: {**train, "ResultPath": f"$.{name}"}}})

    found = [item for item in definition_violations(defect) if item.rule == "CML401"]
    told(found, "CML401", Severity.WARNING, "TrainAndTune", "together with preceding states")


def test_a_definition_that_is_too_long_is_refused() -> None:
    """The figure is told."""
    found = definition_violations(lambda body: body.update(Comment="x" * 1_048_576))
    told(found, "CML402", Severity.ERROR, "", "must have at most 1,048,576 characters, got 1,0")


def test_characters_count_not_bytes() -> None:
    """An é has two bytes, and is one character."""
    assert definition_violations(lambda body: body.update(Comment="é" * 600_000)) == []
    found = definition_violations(lambda body: body.update(Comment="é" * 1_048_576))
    told(found, "CML402", Severity.ERROR, "", "characters, got 1,0")


@pytest.mark.parametrize(("count", "severity"), [(490, Severity.WARNING), (600, Severity.ERROR)])
def test_a_template_with_too_many_resources_is_refused(count: int, severity: Severity) -> None:
    """With nearly too many it is warned of."""

    def defect(resources: dict[str, Any]) -> None:
        resources |= {f"Topic{at}": {"Type": "AWS::SNS::Topic"} for at in range(count - len(resources))}

    told(template_violations(defect), "CML403", severity, "", f"must have at most 500 resources, got {count}")


def test_a_template_of_more_than_a_megabyte_is_refused() -> None:
    """Whatever it is that is large."""
    large = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x" * 1_000_000}}
    found = template_violations(lambda resources: resources.update(Large=large))
    told(found, "CML403", Severity.ERROR, "", "must have at most 1,000,000 bytes, got 1,0")


@pytest.mark.parametrize(
    ("indent", "severities"), [(None, []), (1, [Severity.ERROR])], ids=["one line", "as aws-cdk-lib writes it"]
)
def test_the_indentation_of_a_file_counts(tmp_path: Path, indent: int | None, severities: list[Severity]) -> None:
    """It is uploaded as it is."""
    file = tmp_path / "Flow.template.json"
    file.write_text(json.dumps(indented_megabyte(), indent=indent))
    found = [item for item in read_file(file).violations() if item.rule == "CML403"]
    assert [item.severity for item in found] == severities
    assert all(f"got {file.stat().st_size:,}" in item.message for item in found)


def test_a_template_in_no_file_is_warned_of_that_is_too_large_with_indentation_only() -> None:
    """Nobody knows how it will be written."""
    (found,) = [item for item in check_template(indented_megabyte()) if item.rule == "CML403"]
    assert found.severity is Severity.WARNING
    assert "suppress_template_indentation" in found.message


def indented_megabyte() -> dict[str, Any]:
    """A template of 0.4 MB in one line, and of 1.4 MB with indentation."""
    body = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": body}}
    return {"Resources": {"Flow": machine, "Large": {"Type": "Custom::Large", "Properties": {"Items": [1] * 200_000}}}}


def test_a_range_of_too_many_iterations_is_refused() -> None:
    """An iteration of the census writes twelve events: it is entered, draws a name, runs a job."""
    found = violations(lambda at: at["EachPart"].update(Items="{% [1..5000] %}"), jsonata=True)
    told(found, "CML404", Severity.ERROR, "EachPart", "5,000 iterations", "25,000", "DISTRIBUTED")


def test_a_range_that_the_state_before_makes_is_refused_too() -> None:
    """In JSONPath a Pass state makes it."""

    def defect(body: dict[str, Any]) -> None:
        at = body["States"]
        at["CoolDown"]["Next"] = "Parts"
        parts = {"parts.$": "States.ArrayRange(1, 5000, 1)"}
        at["Parts"] = {"Type": "Pass", "Parameters": parts, "ResultPath": "$.made", "Next": "EachPart"}
        at["EachPart"]["ItemsPath"] = "$.made.parts"
        # A result cannot be put into a number.
        at["EachPart"]["ItemSelector"] = {"part.$": "$$.Map.Item.Value"}

    found = definition_violations(defect)
    told([item for item in found if item.state == "EachPart"], "CML404", Severity.ERROR, "EachPart", "5,000 iterations")
    told([item for item in found if item.state != "EachPart"], "CML108", Severity.ERROR, "Parts", "at most 1000")


def test_an_express_workflow_has_no_history() -> None:
    """It has no quota of events."""
    each = {"Type": "Map", "Items": "{% [1..9000] %}", "ItemProcessor": inner(), "End": True}
    body = {"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}}
    assert [item.rule for item in check_machine(Machine(body))] == ["CML404"]
    assert check_machine(Machine(body, express=True)) == []


def inner() -> dict[str, Any]:
    return {"StartAt": "Look", "States": {"Look": {"Type": "Pass", "End": True}}}


def test_a_list_that_is_too_large_is_refused() -> None:
    """It stands in the definition, and is handed to the state."""
    rows = [{"name": "x" * 1000} for _ in range(300)]
    found = violations(lambda at: at["Count"]["Parameters"]["Payload"].update(rows=rows))
    told(found, "CML405", Severity.ERROR, "Count", "Parameters must have at most 262,144 bytes, got 30")


def test_a_wait_of_two_years_is_refused() -> None:
    """An execution may take one."""
    found = violations(lambda at: at["CoolDown"].update(Seconds=63_072_000))
    told(found, "CML406", Severity.ERROR, "CoolDown", "must be less than the 31,536,000", "63,072,000")


def test_a_wait_of_ten_minutes_is_refused_in_an_express_workflow() -> None:
    """Its executions may take five."""
    body = {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 600, "End": True}}}
    told(check_machine(Machine(body, express=True)), "CML406", Severity.ERROR, "Pause", "an Express workflow")


def test_more_iterations_at_a_time_than_there_can_be_are_warned_of() -> None:
    """An inline Map runs forty."""
    found = violations(lambda at: at["EachPart"].update(MaxConcurrency=100))
    told(found, "CML407", Severity.WARNING, "EachPart", "must be at most 40 in an inline Map, got 100")
