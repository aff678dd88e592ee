"""The command as a whole process: closed and full streams, odd environments, and apps that do anything but synthesize."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

FLOW = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
COMMAND = f"'{sys.executable}' -X faulthandler -m constructs_ml.cli"
REFUSED, SILENT = "refused", "silent"
OUT = "import os, pathlib; out = pathlib.Path(os.environ['CDK_OUTDIR']); out.mkdir(exist_ok=True); m = out / 'manifest.json'"
APPS = {
    "fails.py": "raise SystemExit(3)",
    "bytes.py": "import os; os.write(1, bytes(range(256))); os.write(2, bytes(range(255, -1, -1))); raise SystemExit(1)",
    "loud.py": "import sys\nfor _ in range(100): sys.stderr.write('x' * 1_000_000)\nraise SystemExit(1)",
    "hangs.py": "import time; time.sleep(86395)",
    "list.py": f"{OUT}; m.write_text('[]')",
    "deep.py": f"{OUT}; m.write_text('[' * 30_000)",
    "pipe.py": f"{OUT}; os.mkfifo(m)",
    "within.py": f"{OUT}; m.write_text('{{\"version\": \"1\", \"artifacts\": {{\"a\": {{\"type\": \"cdk:cloud-assembly\", \"properties\": {{\"directoryName\": \".\"}}}}}}}}')",
    "above.py": f"{OUT}; m.write_text('{{\"version\": \"1\", \"artifacts\": {{\"a\": {{\"type\": \"aws:cloudformation:stack\", \"properties\": {{\"templateFile\": \"../nothing\"}}}}}}}}')",
    "killed.py": "import os; os.kill(os.getpid(), 11)",
}  # fmt: skip
QUICK = {
    "a full disk": ("{} rules > /dev/full", 2, REFUSED),
    "no standard output": ("{} check flow.asl.json >&-", 2, REFUSED),
    "no standard error": ("{} check missing 2>&-", 2, SILENT),
    "a deep definition": ("{} check deep.asl.json", 2, "nested too deeply"),
    "a deep definition in YAML": ("{} check deep.asl.yaml", 2, "nested too deeply"),
    "an argument that is no UTF-8": ("{} check \"$(printf '\\377')\"", 2, REFUSED),
}
SLOW = {
    "an app that writes a pipe": ("{} check pipe.py", 2, "no cloud assembly"),
    "an app that contains itself": ("{} run --app within.py", 2, "must be a folder inside"),
    "a full disk behind errors": ("{} check missing 2> /dev/full", 2, SILENT),
    "a full disk behind both": ("{} rules > /dev/full 2>&1", 2, SILENT),
    "nothing to read from": ("{} check flow.asl.json <&-", 0, "0 errors"),
    "no stream at all": ("{} check flow.asl.json <&- >&- 2>&-", 2, SILENT),
    "nobody who reads": ("{ {} rules; echo $? > code; } | true; exit $(cat code)", 1, SILENT),
    "a report into a full disk": ("{} check --output /dev/full flow.asl.json", 2, REFUSED),
    "a report into a pipe": ("mkfifo p; {} check --output p flow.asl.json", 2, REFUSED),
    "a pipe": ("cat flow.asl.json | {} check /dev/stdin", 0, "0 errors"),
    "a pipe that is a file of nothing": ("true | {} check /dev/stdin", 2, REFUSED),
    "ASCII": ("PYTHONIOENCODING=ascii {} check \"$(printf '\\303\\251\\342\\200\\246')\"", 2, REFUSED),
    "the C locale": ("LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 {} rules", 0, "CML001"),
    "a folder that is gone": ("mkdir d && cd d && rmdir ../d && {} check", 2, REFUSED),
    "a folder that is gone, for a run": ("mkdir d && cd d && rmdir ../d && {} run", 2, REFUSED),
    "no temporary folder": ("TMPDIR=/nowhere {} check fails.py", 2, "failed to synthesize"),
    "no home": ("env -u HOME -u XDG_DATA_HOME {} check flow.asl.json", 0, "0 errors"),
    "an emulator that is none": ("CONSTRUCTS_ML_EMULATOR=/dev/null {} emulator where", 2, REFUSED),
    "an emulator that is a folder": ("CONSTRUCTS_ML_EMULATOR=. {} run --app flow.asl.json", 2, REFUSED),
    "an emulator of no name": ("CONSTRUCTS_ML_EMULATOR=' ' {} emulator where", 2, REFUSED),
    "an emulator of any name": ("CONSTRUCTS_ML_EMULATOR=\"$(printf '\\377\\n\\033')\" {} emulator where", 2, REFUSED),
    "no Node": ("JSII_NODE=/nowhere {} check fails.py", 2, "JSII_NODE"),
    "an app that fails": ("{} check fails.py", 2, "failed to synthesize"),
    "an app that fails, for a run": ("{} run --app fails.py", 1, "failed to synthesize"),
    "an app that writes bytes": ("{} check bytes.py", 2, "failed to synthesize"),
    "an app that is loud": ("{} check loud.py", 2, "failed to synthesize"),
    "an app that hangs": ("{} run --timeout 1 --app hangs.py", 1, "did not end within"),
    "an app that is killed": ("{} check killed.py", 2, "was killed by SIGSEGV"),
    "an app that writes a list": ("{} check list.py", 2, "must be an object, got []"),
    "an app that writes deep data": ("{} run --app deep.py", 2, "nested too deeply"),
    "an app without a template": ("{} run --app above.py", 2, "nothing cannot be read"),
    "an app that is a folder": ("mkdir app.d; {} run --app app.d", 2, REFUSED),
    "an app that is not a program": ("{} run --app ./flow.asl.json", 1, "failed to synthesize"),
    "an app that is missing": ("{} run --app nothing.py", 2, REFUSED),
    "an app of no end": ("{} run --app \"$(head -c 120000 /dev/zero | tr '\\0' x)\" --timeout 5", 1, "failed to synthesize"),
    "a bomb of aliases": ("{} check bomb.asl.yaml", 2, "more than 1,000,000 values"),
    "a long number": ("{} check number.asl.json", 2, "a number of 6000 digits"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files and apps of every kind."""
    for name, text in APPS.items():
        (tmp_path / name).write_text(f"{text}\n")
    (tmp_path / "flow.asl.json").write_text(FLOW)
    (tmp_path / "deep.asl.json").write_text("[" * 30_000)
    (tmp_path / "deep.asl.yaml").write_text("a: " + "[" * 30_000)
    (tmp_path / "number.asl.json").write_text(f'{{"StartAt": {"9" * 6000}}}')
    bomb = "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 12))
    (tmp_path / "bomb.asl.yaml").write_text(f"a0: &a0 [x, x]\n{bomb}")
    return tmp_path


@pytest.mark.parametrize("case", [*QUICK, *(pytest.param(name, marks=pytest.mark.stress) for name in SLOW)])
def test_a_process_ends_by_itself(case: str, folder: Path) -> None:
    """With its exit code, in less than ten seconds of a processor; what it refuses it tells in one line."""
    line, code, said = {**QUICK, **SLOW}[case]
    began = _of_children()
    done = subprocess.run(
        ["/bin/sh", "-c", line.replace("{}", COMMAND)],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    seconds = _of_children() - began
    out, err = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
    assert done.returncode == code, (done.returncode, out[-500:], err[-500:])
    assert "Traceback" not in err
    assert "Fatal Python error" not in err
    assert seconds < 10
    if said == REFUSED:
        assert err.startswith("constructs-ml")
        assert err.count("\n") == 1
    elif said == SILENT:
        assert err == ""
    else:
        assert said in out + err


def _of_children() -> float:
    """The seconds that processes of this one have used, which other work on the machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.stress
def test_a_context_of_any_length_reaches_the_app(folder: Path) -> None:
    """An environment variable has at most 128 KiB; look-ups of many accounts have more."""
    (folder / "cdk.json").write_text(json.dumps({"app": "python3 app.py"}))
    (folder / "cdk.context.json").write_text(json.dumps({"long": "x" * 300_000, "last": "there"}))
    (folder / "app.py").write_text(
        "from aws_cdk import App, Stack\napp = App()\n"
        "stack = Stack(app, app.node.get_context('last'), description=str(len(app.node.get_context('long'))))\napp.synth()\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "constructs_ml.cli", "run", "--list"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "the app has no state machine\n"), done.stderr
