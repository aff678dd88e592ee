"""Parts of a workflow: where it can be cut, what has to be given, and what is refused, each by the name of its state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import call, chain, machine, processing, s3_input, s3_output, task, training

from constructs_ml.asl.definition import read_definition
from constructs_ml.cli import options
from constructs_ml.errors import MissingRequirementError, RunInputError
from constructs_ml.local.runner import part as parts
from constructs_ml.local.runner.part import Part, check_given, plan, plan_of

if TYPE_CHECKING:
    from pathlib import Path


def succeed() -> dict[str, Any]:
    return {"Type": "Succeed"}


def choice(*targets: str, default: str) -> dict[str, Any]:
    rules = [{"Variable": "$.n", "NumericEquals": at, "Next": name} for at, name in enumerate(targets)]
    return {"Type": "Choice", "Choices": rules, "Default": default}


def prepare() -> dict[str, Any]:
    outputs = {"Outputs": [s3_output("rows"), s3_output("names")]}
    return task("Processing", processing("prepare.py", ProcessingOutputConfig=outputs))


def trained(channel: str = "rows") -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://${{Bucket}}/out/{channel}"}}
    return task("Training", training(InputDataConfig=[{"ChannelName": "train", "DataSource": source}]))


EVALUATE = task("Processing", processing("evaluate.py", ProcessingInputs=[s3_input("code"), s3_input("model")]))
TUNE = call("createHyperParameterTuningJob.sync", {}, sdk=False)
STATES: dict[str, dict[str, Any]] = {
    "Prepare": {**prepare(), "Next": "Enough?", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Repair"}]},
    "Repair": {**task("Processing", processing("repair.py")), "Next": "Enough?"},
    "Enough?": choice("Train", default="Wait"),
    "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Prepare"},
    "Train": {**trained(), "Next": "Both"},
    "Both": {
        "Type": "Parallel",
        "Branches": [machine(Left=EVALUATE), machine(Right={"Type": "Pass", "End": True})],
        "Next": "Each",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Give up"}],
    },
    "Each": {"Type": "Map", "ItemProcessor": machine(Score=EVALUATE), "Next": "Done"},
    "Give up": {"Type": "Fail"},
    "Done": succeed(),
}
for _state in ("Prepare", "Repair", "Train", "Both"):
    STATES[_state].pop("End", None)
WHOLE = machine(**STATES)


def kept(**part: Any) -> list[str]:
    return list(plan(WHOLE, Part(**part)).definition["States"])


# Where it is cut


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("Prepare", ["Prepare", "Repair", "Enough?", "Wait", "Train", "Both", "Each", "Give up", "Done"]),
        ("Train", ["Prepare", "Repair", "Enough?", "Wait", "Train"]),
        ("Both", ["Prepare", "Repair", "Enough?", "Wait", "Train", "Both", "Give up"]),
        ("Each", ["Prepare", "Repair", "Enough?", "Wait", "Train", "Both", "Each", "Give up"]),
        ("Done", list(STATES)),
        ("Give up", list(STATES)),
    ],
)
def test_a_run_ends_after_a_state(until: str, expected: list[str]) -> None:
    """All states before it stay as they are, with their choices, catches and branches; a catch may lead past the cut."""
    found = plan(WHOLE, Part(until=until))
    assert list(found.definition["States"]) == expected
    assert found.not_run == [name for name in STATES if name not in expected]
    changed = {name for name, body in found.definition["States"].items() if body != STATES[name]}
    terminal = STATES[until]["Type"] in {"Succeed", "Fail"}
    assert changed == (set() if terminal else {until})
    assert terminal or (found.definition["States"][until]["End"], "Next" in found.definition["States"][until]) == (
        True,
        False,
    )


def test_every_transition_of_a_cut_definition_leads_somewhere() -> None:
    """And every state of it is reached."""
    for until in set(STATES) - {"Enough?"}:
        top = read_definition(plan(WHOLE, Part(until=until)).definition)
        targets = {each.target for state in top.states.values() for each in state.transitions}
        assert targets | {top.start} == set(top.states)


def test_the_synthesized_definition_is_left_alone() -> None:
    """It is what the next run starts from."""
    before = repr(WHOLE)
    plan(WHOLE, Part(until="Train"))
    assert repr(WHOLE) == before


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            Part(until="Trian"),
            r"--until Trian: the workflow has no such state; did you mean Train\?; there are: Prepare",
        ),
        (
            Part(until="Enough?"),
            r"--until Enough\?: is a Choice, which has no end; name Repair or Prepare|name Prepare or",
        ),
        (Part(until="Left"), r"--until Left: is inside the Parallel state Both, which runs as a whole; name Both"),
        (Part(only="Score"), r"--only Score: is inside the Map state Each, which runs as a whole; name Each"),
        (Part(until="Train", only="Train"), r"--until and --only cannot be combined"),
        (
            Part(given={"Wait": "x"}),
            r"--given Wait: must be a processing job, training job or transform job, got a Wait",
        ),
        (Part(given={"Both": "x"}), r"--given Both: must be a .*, got a Parallel state"),
        (Part(given={"Score": "x"}), r"--given Score: is inside the Map Each, each iteration of which has a job"),
        (Part(given={"Tarin": "x"}), r"--given Tarin: the workflow has no such state; did you mean Train\?"),
        (Part(until="Prepare", debug="Score"), r"--debug Score: is inside the Map Each"),
        (Part(debug="Train", given={"Train": "x"}), r"--debug Train: is given too \(--given\)"),
        (Part(debug="Done"), r"--debug Done: must be a processing job or training job, got a Succeed state"),
        (Part(until="Train", given={"Left": "x"}), r"--given Left: is not run, because the run ends after Train"),
    ],
)
def test_what_cannot_be_cut_or_given_is_refused_by_name(part: Part, message: str) -> None:
    """The error says what to name instead."""
    with pytest.raises(RunInputError, match=message):
        plan(WHOLE, part)


def test_a_state_that_nothing_leads_to_is_refused() -> None:
    """The run would never end there."""
    with pytest.raises(RunInputError, match="--until Alone: is never reached from Prepare"):
        plan(machine(Prepare=prepare(), Alone=succeed()), Part(until="Alone"))


def test_a_tuning_job_cannot_be_given() -> None:
    """Its trials would be missing."""
    with pytest.raises(RunInputError, match=r"--given Tune: must be .*, got a tuning job"):
        plan(machine(Tune=TUNE), Part(given={"Tune": "x"}))
    with pytest.raises(
        RunInputError, match=r"--only Train: needs the outputs.*; --given Tune: must be .*, got a tuning"
    ):
        plan(chain(Tune=TUNE, Train=trained()), Part(only="Train"))


# What has to be given


def test_the_jobs_before_the_only_one_have_to_be_given() -> None:
    """The error has the options to add, and what the state reads."""
    with pytest.raises(RunInputError) as refused:
        plan(WHOLE, Part(only="Train"))
    assert str(refused.value) == (
        "--only Train: needs the outputs of all jobs before it; add --given Prepare=FOLDER; Train reads train (Prepare: rows)"
    )


def test_a_job_that_only_an_error_leads_to_is_not_asked_for() -> None:
    """A given job does not fail. The branches before the state are asked for."""
    found = plan(WHOLE, Part(only="Train", given={"Prepare": "out"}))
    assert found.given == {"Prepare": "out"}
    assert found.outputs == {"Prepare": ["rows", "names"]}
    with pytest.raises(RunInputError, match="add --given Left=FOLDER; Each reads model"):
        plan(WHOLE, Part(only="Each", given={"Prepare": "out", "Train": "out"}))


def test_a_job_whose_failures_are_classified_goes_by_its_outer_name() -> None:
    """The states inside it are the library's."""
    inner = {**prepare(), "Next": "Why?"}
    inner.pop("End")
    branch = machine(**{"Prepare: job": inner, "Why?": choice("Retry", default="Retry"), "Retry": succeed()})
    whole = chain(Prepare={"Type": "Parallel", "Branches": [branch], "End": True}, Train=trained())
    assert plan(whole, Part(only="Train", given={"Prepare": "x"})).given == {"Prepare: job": "x"}
    assert plan(whole, Part(debug="Prepare")).debugged == ["Prepare: job"]
    with pytest.raises(RunInputError, match="add --given Prepare=FOLDER"):
        plan(whole, Part(only="Train"))


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (["rows", "nams", "names"], "the job has no output nams; did you mean names?"),
        (["rows"], "there is no folder names for its output"),
        ([], "is an empty folder"),
        (None, "must be a folder or an S3 URI: No such file or directory"),
    ],
)
def test_a_given_folder_has_the_jobs_outputs(tmp_path: Path, folders: list[str] | None, message: str) -> None:
    """No more and no less: a folder for each."""
    part = Part(given={"Prepare": "out"})
    for name in folders or ():
        (tmp_path / "out" / name).mkdir(parents=True)
    if folders == []:
        (tmp_path / "out").mkdir()
    with pytest.raises(RunInputError, match="--given Prepare=out: ") as refused:
        check_given(part, plan(WHOLE, part), tmp_path)
    assert message in str(refused.value)


def test_hidden_files_in_a_given_folder_are_no_outputs(tmp_path: Path) -> None:
    """Such as those of a file manager."""
    part = Part(given={"Prepare": "out", "Train": "s3://b/models"})
    for name in ("rows", "names", ".git"):
        (tmp_path / "out" / name).mkdir(parents=True)
    check_given(part, plan(WHOLE, part), tmp_path)


# The command and the template


@pytest.mark.parametrize("value", ["Prepare", "=out", "Prepare="])
def test_a_given_job_needs_a_name_and_a_place(value: str) -> None:
    """Both sides of the equals sign."""
    with pytest.raises(Exception, match="must be STATE=FOLDER or STATE=s3://"):
        options.given(None, None, (value,))  # type: ignore[arg-type] # not used


def test_a_job_that_is_given_twice_is_refused() -> None:
    """Nobody knows which one is meant."""
    with pytest.raises(Exception, match="Prepare is given twice: a and b"):
        options.given(None, None, ("Prepare=a", "Prepare=b"))  # type: ignore[arg-type] # not used
    assert options.given(None, None, ("Prepare=a=b",)) == {"Prepare": "a=b"}  # type: ignore[arg-type]


def test_one_of_two_machines_is_checked_when_it_is_named() -> None:
    """Without a name the deployment asks for one."""
    body = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": json.dumps(WHOLE)}}
    template = {"Resources": {"One": body, "Two": body}}
    assert plan_of(template, Part(until="Trian"), None) is None
    with pytest.raises(RunInputError, match="did you mean Train"):
        plan_of(template, Part(until="Trian"), "Two")
    assert plan_of({"Resources": {"One": body}}, Part(until="Train"), None) is not None


def test_without_debugger_and_terminal_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has no terminal."""
    monkeypatch.setattr(parts.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(parts.sys, "stdin", None)
    with pytest.raises(MissingRequirementError, match="--debug needs debugpy: pip install debugpy; in a terminal, pdb"):
        parts.debuggers()
