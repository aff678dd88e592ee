"""The README's code is what a newcomer copies: it is run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```(python|json|console|text)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
(SIMULATED,) = [text for language, text in BLOCKS if language == "text" and "simulate(" in text]
APP, PREPROCESS, TRAIN, SNAPSHOT, RUN, INPUTS, AFTER, DEFAULTS, SUBCLASS = PYTHON


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A newcomer's folder, with nothing but what the README says."""
    (tmp_path / "src").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "src/preprocess.py").write_text(PREPROCESS)
    (tmp_path / "src/train.py").write_text(TRAIN)
    (config,) = [text for language, text in BLOCKS if language == "json"]
    (tmp_path / "cdk.json").write_text(config)
    (tmp_path / "census.csv").write_text("\n".join(f"{age},{age > 40}" for age in range(20, 120)))
    return tmp_path


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{cwd}{os.pathsep}{ROOT}", **environment}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_the_first_workflow_has_at_most_40_lines() -> None:
    assert len(APP.splitlines()) <= 40


@pytest.mark.local
def test_the_first_workflow_runs_as_shown(project: Path) -> None:
    done = run(sys.executable, "-m", "constructs_ml.cli", "run", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCEEDED" in done.stdout
    assert re.search(r"model: s3://census-constructsmlartifacts\S+/output/model\.tar\.gz", done.stdout)


@pytest.mark.local
def test_it_runs_where_there_is_no_opt_ml(project: Path, tmp_path: Path) -> None:
    """A PATH without ``unshare`` is a machine without namespaces, as macOS is."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "node"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done = run(sys.executable, "-m", "constructs_ml.cli", "run", cwd=project, PATH=str(programs))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("this machine allows no namespaces: /opt/ml is rewritten") == 1
    assert done.stdout.index("allows no namespaces") < done.stdout.index("Preprocess: ")


@pytest.mark.local
def test_its_tests_pass_as_shown(project: Path) -> None:
    stack = APP.split("app = App()")[0]
    (project / "census.py").write_text(stack)
    (project / "test_census.py").write_text(f"from census import CensusStack\n{SNAPSHOT}\n{RUN}")
    options = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--snapshot-update"]
    done = run(sys.executable, *options, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_snippets_do_what_they_say(project: Path) -> None:
    stack = APP.split("app = App()")[0]
    lines = [f"        {line}" for line in AFTER.splitlines()]
    first, last = stack.split('        failed = sfn.Fail(self, "Failed")')
    script = "\n".join(
        [
            f"{first}{os.linesep.join(lines)}\n        failed = sfn.Fail(self, 'Failed'){last}",
            SUBCLASS,
            "from aws_cdk import aws_ec2 as ec2, aws_kms as kms",
            "class Platform(Stack):",
            "    def __init__(self, *args):",
            "        super().__init__(*args)",
            "        vpc, key = ec2.Vpc(self, 'Vpc'), kms.Key(self, 'Key')",
            f"        {DEFAULTS.strip()}",
            "        image = ml.ContainerImage.sklearn('1.2-1')",
            "        job = OurTrainingJob(self, 'Ours', image=image, code=ml.Code.from_asset('src/train.py'))",
            "        ml.Workflow(self, 'Workflow', definition=job)",
            "class Typed(Stack):",
            "    def __init__(self, *args):",
            "        super().__init__(*args)",
            "        image, code = ml.ContainerImage.sklearn('1.2-1'), ml.Code.from_asset('src/train.py')",
            textwrap.indent(INPUTS, " " * 8),
            "from constructs_ml.testing import fails, simulate, stopped, throttled",
            "app = App()",
            "workflow = CensusStack(app, 'Census')",
            "platform = Platform(app, 'Platform')",
            "assert simulate(workflow).path == ('Preprocess', 'Preprocessed?', 'Train', 'Accurate?', 'Model')",
            "assert simulate(platform).status == 'SUCCEEDED'",
            "typed = Typed(app, 'Typed')",
            "assert simulate(typed, input={'day': 'x', 'rows': 's3://data/rows/'}).path == ('Inputs', 'Train')",
            "assert simulate(typed, input={'rows': 's3://data/rows/'}).cause == 'day is missing, must be a string'",
            "for outcome in (fails('AlgorithmError'), stopped()):",
            "    assert simulate(workflow, {'Preprocess': outcome}).path == ('Preprocess', 'Failed')",
            "from constructs_ml.testing import reports",
            "poor = simulate(workflow, {'Train': reports({'accuracy': 0.89})})",
            "assert poor.path == ('Preprocess', 'Preprocessed?', 'Train', 'Accurate?', 'Failed')",
            SIMULATED,
            "import json, sys",
            "json.dump(app.synth().get_stack_by_name('Platform').template, sys.stdout)",
        ]
    )
    (project / "snippets.py").write_text(script)
    done = run(sys.executable, "snippets.py", cwd=project)
    assert done.returncode == 0, done.stderr
    template = json.dumps(json.loads(done.stdout))
    assert "ml.c5.2xlarge" in template
    assert "VpcConfig" in template
    assert "risk" in template
