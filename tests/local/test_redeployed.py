"""A deployment of the next version leaves the executions of this one what they need to end well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, DefaultStackSynthesizer, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

import constructs_ml as ml

if TYPE_CHECKING:
    from pathlib import Path

    from local_bench import Bench

pytestmark = pytest.mark.local
IMAGE = ml.ContainerImage.sklearn("1.2-1")
PREPARE = "from pathlib import Path\nPath('/opt/ml/processing/output/rows/rows.csv').write_text('1\\n2\\n')\n"
TRAIN = """
import os
from pathlib import Path

rows = Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv").read_text()
Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(rows + "VERSION")
"""


class Census(Stack):
    """A job, a wait for an answer, and a job; the next version has neither their code nor their names."""

    def __init__(self, app: App, src: Path, version: int, where: str) -> None:
        prefix = DefaultStackSynthesizer(bucket_prefix="census/") if where == "prefix" else None
        super().__init__(app, f"Census-{where}", synthesizer=prefix)
        if where == "bucket":
            ml.JobDefaults(code_bucket=s3.Bucket(self, "Code")).apply_to(self)
        names: dict[str, Any] = {} if version == 1 else {"job_name_prefix": "nightly"}
        code = src / "prepare.py"
        if version == 2:
            code = src / "prepare"
            code.mkdir()
        script = code / "main.py" if version == 2 else code
        script.write_text(PREPARE if version == 1 else PREPARE.replace("rows/", "lines/"))
        (src / "train.py").write_text(TRAIN.replace("VERSION", str(version)))
        rows = "rows" if version == 1 else "lines"
        prepare = ml.ProcessingJob(
            self, f"Prepare{version}", image=IMAGE, code=ml.Code.from_asset(code), outputs=[rows], **names
        )
        asked = sqs.Queue(self, "Asked")
        ask = tasks.SqsSendMessage(
            self,
            "Ask",
            queue=asked,
            message_body=sfn.TaskInput.from_json_path_at("$$.Task.Token"),
            integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
            result_path=sfn.JsonPath.DISCARD,
        )
        train = ml.TrainingJob(
            self,
            f"Train{version}",
            image=IMAGE,
            code=ml.Code.from_asset(src / "train.py"),
            channels={"train": prepare.output(rows)},
            **names,
        )
        ml.Workflow(self, "Workflow", definition=prepare.next(ask).next(train))
        self.export_value(asked.queue_url, name=f"Asked-{where}")


def synthesized(folder: Path, version: int, where: str) -> Path:
    folder.mkdir(exist_ok=True)
    out = folder / f"out{version}"
    app = App(outdir=str(out))
    Census(app, folder, version, where)
    app.synth()
    return out


@pytest.mark.parametrize("where", ["shared", "prefix", "bucket"])
def test_an_execution_of_the_version_before_ends_well(bench: Bench, tmp_path: Path, where: str) -> None:
    """Its code, its outputs and its names are gone from the template; what it needs is still allowed."""
    aws = bench.aws
    first = aws.deploy(synthesized(tmp_path, 1, where))
    execution = first.start()
    (url,) = first.outputs.values()
    received = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    token = received[0]["Body"].strip('"')

    second = aws.deploy(synthesized(tmp_path, 2, where))

    aws.client("stepfunctions").send_task_success(taskToken=token, output="{}")
    assert execution.wait(60).status == "SUCCEEDED", execution.cause
    assert execution.states_passed == ["Prepare1", "Ask", "Train1"]
    (machine,) = (arn for arn in second.physical_ids.values() if ":stateMachine:" in arn)
    deployed = aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    assert set(json.loads(deployed["definition"])["States"]) == {"Prepare2", "Ask", "Train2"}
