"""A file that is named with several places is uploaded to each of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from local_bench import Workflow, machine, write_assembly

from constructs_ml.cli.commands import cli
from constructs_ml.local import run

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local import Deployment, LocalAws, RunReport

pytestmark = pytest.mark.local


def test_several_places_of_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given twice on the command line, or as a list."""
    file = tmp_path / "raw.csv"
    file.write_text("1")
    assembly = write_assembly(
        tmp_path / "out", "Stack", Workflow(machine(Go={"Type": "Pass", "End": True})).template("Stack")
    )
    found: list[str] = []

    def look(aws: LocalAws, deployment: Deployment, _report: RunReport) -> None:
        objects = aws.client("s3").list_objects_v2(Bucket=deployment.resolve("${RawData}"))["Contents"]
        found.extend(each["Key"] for each in objects)

    places = ["s3://${RawData}/a/", "s3://${RawData}/b/other.csv"]
    taken: list[object] = []

    def noted(app: str, **options: object) -> RunReport:
        taken.append(options["data"])
        return run(app, data=options["data"], before_end=look)  # type: ignore[arg-type] # what the command gives

    # The package's attribute of this name is the function.
    monkeypatch.setattr(sys.modules["constructs_ml.local.runner.run"], "run", noted)
    options = [part for place in places for part in ("--data", f"{file}={place}")]
    done = CliRunner().invoke(cli, ["run", "--app", str(assembly), *options], standalone_mode=False)
    assert done.exception is None, done.output
    assert taken == [{str(file): places}]
    assert sorted(found) == ["a/raw.csv", "b/other.csv"]


def test_a_configuration_may_name_several(tmp_path: Path) -> None:
    """cdk.json's context has lists too."""
    (tmp_path / "raw.csv").write_text("1")
    workflow = Workflow(machine(Go={"Type": "Pass", "End": True}))
    write_assembly(tmp_path / "made", "Stack", workflow.template("Stack"))
    places = ["s3://${RawData}/a.csv", "s3://${RawData}/b.csv"]
    context = {"constructs-ml:run": {"data": {"raw.csv": places}}}
    (tmp_path / "cdk.json").write_text(json.dumps({"app": "cp -r made/. $CDK_OUTDIR", "context": context}))
    keys: list[str] = []

    def look(aws: LocalAws, deployment: Deployment, _report: RunReport) -> None:
        objects = aws.client("s3").list_objects_v2(Bucket=deployment.resolve("${RawData}"))["Contents"]
        keys.extend(each["Key"] for each in objects)

    assert run(str(tmp_path), before_end=look).succeeded
    assert sorted(keys) == ["a.csv", "b.csv"]
