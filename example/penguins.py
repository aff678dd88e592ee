"""Preprocess, check, train, decide by the accuracy: the workflow of the README on the Palmer penguins."""

from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt
from aws_cdk import CfnOutput, DefaultStackSynthesizer, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

import constructs_ml as ml

SCRIPTS = Path(__file__).parent / "scripts"
LEAST_ACCURACY = 0.9
"""A model that is worse is not made."""


class Inputs(ml.ExecutionInput):
    """How an execution splits the penguins and trains on them."""

    test_ratio: Annotated[float, Gt(0), Lt(1), "The part of the penguins that the model is tested with"] = 0.2
    max_depth: Annotated[int, Ge(1), Le(32), "The depth of the trees"] = 6


class PenguinsStack(Stack):
    """A workflow that learns to tell penguins apart, and a queue that hears of the state changes of its jobs."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        # Jobs may read the code of every version of the stack, by its prefix; without one, that of other stacks too.
        kwargs.setdefault("synthesizer", DefaultStackSynthesizer(bucket_prefix="penguins/"))
        super().__init__(scope, construct_id, **kwargs)
        raw = s3.Bucket(
            self,
            "RawData",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            server_access_logs_prefix="access-logs/",
        )
        unread = sqs.DeadLetterQueue(queue=sqs.Queue(self, "Unread", enforce_ssl=True), max_receive_count=3)
        alerts = sqs.Queue(self, "Alerts", enforce_ssl=True, dead_letter_queue=unread)
        sklearn = ml.ContainerImage.sklearn("1.2-1")

        preprocess = ml.ProcessingJob(
            self,
            "Preprocess",
            image=sklearn,
            code=ml.Code.from_asset(SCRIPTS / "preprocess.py"),
            arguments=["--train-test-split-ratio", Inputs.test_ratio],
            inputs={"raw": ml.S3Data.from_bucket(raw, "penguins/")},
            outputs=["train", "test"],
            max_runtime=Duration.minutes(20),
        )
        train = ml.TrainingJob(
            self,
            "Train",
            image=sklearn,
            code=ml.Code.from_asset(SCRIPTS / "train.py"),
            channels={"train": preprocess.output("train"), "test": preprocess.output("test")},
            hyperparameters={"max_depth": Inputs.max_depth},
            metric_definitions={"test:accuracy": "test_accuracy=([0-9.]+)"},
        )
        # The training script puts the code that serves into the model, so that a model without a network has it too.
        serving = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
        model = ml.CreateModel(self, "Model", image=sklearn, data=train.model_artifacts, environment=serving)
        accuracy = train.metric("test:accuracy")
        failed = sfn.Fail(self, "Failed", cause="a job of the workflow failed")
        not_good_enough = sfn.Fail(
            self,
            "NotGoodEnough",
            error="NotGoodEnough",
            cause_path=sfn.JsonPath.format(f"test:accuracy must be at least {LEAST_ACCURACY}, got {{}}", accuracy.text),
        )
        preprocess.add_catch(failed, errors=["States.TaskFailed"])
        train.add_catch(failed, errors=["States.TaskFailed"])
        good_enough = sfn.Choice(self, "GoodEnough?")
        good_enough.when(accuracy.at_least(LEAST_ACCURACY), model).otherwise(not_good_enough)
        preprocessed = sfn.Choice(self, "Preprocessed?")
        preprocessed.when(preprocess.status_is("Completed"), train.next(good_enough)).otherwise(failed)

        workflow = ml.Workflow(self, "Workflow", definition=preprocess.next(preprocessed), inputs=Inputs)
        ml.JobStateChangeRule(self, "JobStates", jobs=[preprocess, train], targets=[alerts])
        CfnOutput(self, "RawDataBucket", value=raw.bucket_name)
        CfnOutput(self, "WorkflowArn", value=workflow.state_machine_arn)
