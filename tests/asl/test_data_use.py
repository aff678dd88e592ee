"""What a state reads and writes is found in its definition, the same in both query languages, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.data_use import key_of_result, use_of
from constructs_ml.asl.expressions import EXECUTION_NAME, Format, Language, Path, render

PLACE = Format(("s3://b/own/Prepare/train/", EXECUTION_NAME, "/"))
SHARED = "s3://b/own/Prepare/train/⟨$$.Execution.Name⟩"
RESOURCE = "arn:aws:states:::sagemaker:create{}.sync"
LANGUAGES = pytest.mark.parametrize("language", list(Language))


def job(request: dict[str, Any], language: Language, kind: str = "ProcessingJob", **fields: Any) -> dict[str, Any]:
    root = "Arguments" if language is Language.JSONATA else "Parameters"
    return {"Type": "Task", "Resource": RESOURCE.format(kind), root: render(request, language), **fields}


def writer(place: Any, language: Language) -> dict[str, Any]:
    return job({"ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": place}}]}}, language)


@LANGUAGES
@pytest.mark.parametrize("other", list(Language))
@pytest.mark.parametrize(
    "value",
    [
        PLACE,
        Format((*PLACE.parts, "train.csv")),
        Format(("--data=", *PLACE.parts)),
        Format(("--it's {", *PLACE.parts)),
        ["--train", PLACE],
        {"deep": [{"S3Uri": PLACE}]},
        Path("States.Format('--x={}', States.Format('s3://b/own/Prepare/train/{}/', $$.Execution.Name))", "''"),
    ],
)
def test_a_place_is_read_wherever_it_is_named(language: Language, other: Language, value: Any) -> None:
    """Whole, with a key behind it, in a text, in a list, and in a call; also by a state in the other language."""
    if isinstance(value, Path) and other is Language.JSONATA:
        value = PLACE
    written = use_of("Prepare", writer(PLACE, language), language)
    assert written.places == {SHARED}
    read = use_of("Train", job({"Environment": {"A": value}, "Other": value}, other), other)
    assert read.reads(written)
    assert not written.reads(read)


@LANGUAGES
@pytest.mark.parametrize(
    "value",
    [
        "s3://b/own/Prepare/train/",
        Format(("s3://b/own/Prepare/train2/", EXECUTION_NAME, "/")),
        Format(("s3://b/own/Prepare/train/", Path("$.day"), "/")),
        Format(("s3://b/own/Prepare/train/", EXECUTION_NAME, "2/")),
        Format(("s3://b/own/", Path("$$.Execution.Input.x"), "/")),
    ],
)
def test_another_place_is_not_read(language: Language, value: Any) -> None:
    """Neither a longer name, nor a place of another value of the run, nor all that executions have written."""
    written = use_of("Prepare", writer(PLACE, language), language)
    assert not use_of("Train", job({"Environment": {"A": value}}, language), language).reads(written)


@LANGUAGES
@pytest.mark.parametrize(("place", "read"), [("s3://b/in/", "s3://b/in/"), ("s3://b/in", "s3://b/in/a.csv")])
def test_a_fixed_place_is_read(language: Language, place: str, read: str) -> None:
    """With or without a slash at its end."""
    written = use_of("Prepare", writer(place, language), language)
    assert use_of("Train", job({"Environment": {"A": read}}, language), language).reads(written)
    assert not use_of("Train", job({"Environment": {"A": "s3://b/in2/"}}, language), language).reads(written)


@LANGUAGES
def test_the_place_of_all_iterations_is_read(language: Language) -> None:
    """It is above the places that the iterations write to."""
    item = Path("$itemEach", "$itemEach")
    inner = writer(Format((*PLACE.parts, item, "/")), language)
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Prepare", "States": {"Prepare": inner}}}
    written = use_of("Each", each, language)
    assert written.places == {SHARED}
    assert use_of("Train", job({"Environment": {"A": PLACE}}, language), language).reads(written)
    each["ItemProcessor"] |= {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    assert not use_of("Each", each, language).places


@LANGUAGES
@pytest.mark.parametrize("name", ["Train", "Train model", "Größe"])
def test_members_of_the_input_are_found(language: Language, name: str) -> None:
    """In both languages, by a name with a space or an umlaut too; those of the context are not."""
    quoted = f"$['{name}'].Uri"
    request = {
        "A": Path(quoted),
        "B": Format(("x", Path("$.Other.y"))),
        "C": Path("$$.Execution.Input.Third"),
        "D": "$.Fourth is text",
    }
    assert use_of("Score", job(request, language), language).members == {name, "Other"}


def test_paths_in_intrinsic_functions_are_found() -> None:
    """But those in texts are not."""
    body = {
        "Type": "Task",
        "Parameters": {"A.$": "States.Array(States.Format('$.Text, {} ($.Too)', $.One), $['Two']['x'], 3, null)"},
        "TimeoutSecondsPath": "$.Three.limit",
        "ResultSelector": {"B.$": "$.Result"},
        "ResultPath": "$.Here",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "x", "ResultPath": "$.Error"}],
        "Assign": {"c.$": "$.Output"},
    }
    assert use_of("A", body, Language.JSONPATH).members == {"One", "Two", "Three"}
    assert use_of("A", {**body, "InputPath": "$.Only"}, Language.JSONPATH).members == {"Only"}
    assert use_of("A", {"Type": "Task", "Parameters": {"A.$": "States.Array($.Odd"}}, Language.JSONPATH).members == {
        "Odd"
    }


def test_branches_read_the_input_and_iterations_do_not() -> None:
    """An iteration is given an item."""
    inner = {"StartAt": "A", "States": {"A": job({"X": Path("$.Train.x")}, Language.JSONPATH)}}
    assert use_of("Both", {"Type": "Parallel", "Branches": [inner]}, Language.JSONPATH).members == {"Train"}
    given: dict[str, Any] = {"Type": "Parallel", "Branches": [inner], "Parameters": {"a.$": "$.Other"}}
    assert use_of("Both", given, Language.JSONPATH).members == {"Other"}
    each = {"Type": "Map", "ItemProcessor": inner, "ItemsPath": "$.List.parts"}
    assert use_of("Each", each, Language.JSONPATH).members == {"List"}


@LANGUAGES
def test_the_name_of_what_another_makes_is_found(language: Language) -> None:
    """A model's by the transform job that runs it; two states that make the same do not read of each other."""
    model = use_of("Model", job({"ModelName": "churn"}, language, "Model"), language)
    score = use_of("Score", job({"ModelName": "churn"}, language, "TransformJob"), language)
    assert score.reads(model)
    assert not model.reads(score)
    assert not use_of("Score", job({"ModelName": "other"}, language, "TransformJob"), language).reads(model)
    assert not use_of("Again", job({"ModelName": "churn"}, language, "Model"), language).reads(model)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"Type": "Task", "ResultPath": "$.A"}, "A"),
        ({"Type": "Task", "ResultPath": "$['A b'].c"}, "A b"),
        ({"Type": "Task", "ResultPath": None}, ""),
        ({"Type": "Task", "ResultPath": "${Token[DISCARD.7]}"}, ""),
        ({"Type": "Wait"}, ""),
        ({"Type": "Pass"}, ""),
        ({"Type": "Pass", "Result": {}}, None),
        ({"Type": "Task"}, None),
        ({"Type": "Task", "ResultPath": "$"}, None),
        ({"Type": "Task", "ResultPath": "$.A", "OutputPath": "$.A"}, None),
    ],
)
def test_the_member_of_the_result_is_known(body: dict[str, Any], key: str | None) -> None:
    """And that a state does not hand on its input."""
    assert key_of_result(body, Language.JSONPATH) == key


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ("{% $merge([$states.input, {'A b': $states.result}]) %}", "A b"),
        ('{% $merge([$states.input, {"A": {"x": $states.result.y}}]) %}', "A"),
        ("{% $states.input %}", ""),
        ("{% $states.result %}", None),
        ({"A": "{% $states.result %}"}, None),
        (None, None),
    ],
)
def test_the_member_of_an_output_is_known(output: Any, key: str | None) -> None:
    """In JSONata it is in the form that this library writes."""
    assert key_of_result({"Type": "Task", "Output": output}, Language.JSONATA) == key
    assert key_of_result({"Type": "Pass"}, Language.JSONATA) == ""
