"""Two cached jobs, synthesized: Prepare reads rows that are uploaded, Train the table of Prepare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3

import constructs_ml as ml

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = ml.ContainerImage.sklearn("1.2-1")
PREPARE = """
import pathlib
rows = sorted(path.read_text() for path in pathlib.Path("/opt/ml/processing/input/raw").rglob("*.csv"))
assert "bad" not in rows, "bad row"
pathlib.Path("/opt/ml/processing/output/rows/rows.csv").write_text(",".join(rows))
pathlib.Path("/opt/ml/processing/output/rows/count.txt").write_text(str(len(rows)))
"""
TRAIN = """
import json, os, pathlib
rows = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv").read_text()
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(os.environ["SM_HP_MAX_DEPTH"] + ":" + rows)
"""


def project(folder: Path, *, depth: int = 6) -> Path:
    """A folder with a synthesized app, and a cdk.json that uploads two rows; an app that is there is synthesized anew.

    Args:
        folder: The folder.
        depth: The hyperparameter of Train.
    """
    for name, content in {"prepare.py": PREPARE, "train.py": TRAIN, "raw/a.csv": "1", "raw/b.csv": "2"}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(content)
    context = {"aws:cdk:enable-path-metadata": True}
    app = App(outdir=str(folder / "made"), analytics_reporting=False, context=context)
    stack = Stack(app, "Census")
    raw = s3.Bucket(stack, "RawData", removal_policy=RemovalPolicy.DESTROY)
    cache = ml.Cache()
    prepare = ml.ProcessingJob(
        stack,
        "Prepare",
        image=IMAGE,
        code=ml.Code.from_asset(folder / "prepare.py"),
        inputs={"raw": ml.S3Data.from_bucket(raw, "rows/")},
        outputs=["rows"],
        cache=cache,
    )
    train = ml.TrainingJob(
        stack,
        "Train",
        image=IMAGE,
        code=ml.Code.from_asset(folder / "train.py"),
        channels={"train": prepare.output("rows")},
        hyperparameters={"max_depth": depth},
        cache=cache,
    )
    ml.Workflow(stack, "Workflow", definition=prepare.next(train))
    app.synth()
    settings = {"data": {"raw": "s3://${RawData}/rows/"}}
    copies = "import os, shutil; shutil.copytree('made', os.environ['CDK_OUTDIR'], dirs_exist_ok=True)"
    (folder / "app.py").write_text(copies)
    (folder / "cdk.json").write_text(json.dumps({"app": "python3 app.py", "context": {"constructs-ml:run": settings}}))
    return folder
