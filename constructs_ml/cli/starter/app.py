"""Learn to tell penguins apart: preprocess, check, train."""

from pathlib import Path

import constructs_ml as ml
from aws_cdk import App, CfnOutput, DefaultStackSynthesizer, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

SOURCE = Path(__file__).parent / "src"


class PenguinsStack(Stack):
    """A bucket for raw data, the workflow that learns from it, and a topic that hears of failed jobs."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        # The stack's own prefix among the assets of the account: its jobs may read no other stack's code.
        super().__init__(scope, construct_id, synthesizer=DefaultStackSynthesizer(bucket_prefix=f"{construct_id}/"))
        raw = s3.Bucket(self, "RawData", enforce_ssl=True)
        sklearn = ml.ContainerImage.sklearn("1.2-1")
        preprocess = ml.ProcessingJob(
            self,
            "Preprocess",
            image=sklearn,
            code=ml.Code.from_asset(SOURCE / "preprocess.py"),
            # The folders are passed, though they are the script's defaults: a local run on a machine
            # that cannot mount /opt/ml rewrites them here.
            arguments=[
                *("--input", "/opt/ml/processing/input/raw"),
                *("--output", "/opt/ml/processing/output"),
                *("--message", "/opt/ml/output/message"),
                *("--test-share", ml.execution_input("test_share")),
            ],
            inputs={"raw": ml.S3Data.from_bucket(raw, "penguins/")},
            outputs=["train", "test"],
            max_runtime=Duration.minutes(20),
        )
        train = ml.TrainingJob(
            self,
            "Train",
            image=sklearn,
            code=ml.Code.from_asset(SOURCE / "train.py"),
            channels={"train": preprocess.output("train"), "test": preprocess.output("test")},
            hyperparameters={"var_smoothing": 1e-9},
            metric_definitions={"test:accuracy": "test_accuracy=([0-9.]+)"},
            max_runtime=Duration.minutes(20),
        )
        failed = sfn.Fail(self, "Failed", cause="a job failed; its own failure reason says why")
        preprocess.add_catch(failed)
        train.add_catch(failed)
        preprocessed = sfn.Choice(self, "Preprocessed?")
        preprocessed.when(preprocess.status_is("Completed"), train).otherwise(failed)
        workflow = ml.Workflow(self, "Workflow", definition=preprocess.next(preprocessed))

        # Nobody hears of it yet: add a subscription, such as aws_sns_subscriptions.EmailSubscription.
        alerts = sns.Topic(self, "Alerts", enforce_ssl=True)
        ml.JobStateChangeRule(self, "Alert", jobs=[preprocess, train], statuses=["Failed", "Stopped"], targets=[alerts])
        CfnOutput(self, "RawDataBucket", value=raw.bucket_name)
        CfnOutput(self, "WorkflowArn", value=workflow.state_machine_arn)


# Tests import the stack without making the app.
if __name__ == "__main__":
    app = App()
    PenguinsStack(app, "MyWorkflow")
    app.synth()
