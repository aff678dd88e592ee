"""Mistakes that mypy --strict and pyright both refuse, each on the line that ends in ``# error``. It is never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from constructs import Construct
    from typing_extensions import Unpack

IMAGE = ml.ContainerImage.sklearn("1.2-1")
stack = Stack(App(), "Census")
end = sfn.Pass(stack, "End")
topic = sns.Topic(stack, "Topic")
data = ml.S3Data.from_uri("s3://data/in/")


class Inputs(ml.ExecutionInput):
    """Typed inputs, one with a default of another type."""

    day: str
    depth: int = "6"  # error


class Ours(ml.TrainingJob):
    """A subclass that misspells a prop, and gives one a value of another kind."""

    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[ml.training.TrainingJobProps]) -> None:
        props.setdefault("network_isolated", True)  # error
        props.setdefault("network_isolation", "yes")  # error
        props["instances"] = 2  # error
        super().__init__(scope, construct_id, **props)


class NoPolicy:
    """A class that does not do what policies do."""

    def refuse(self, spec: ml.props.PolicySubject) -> None:
        spec.operation = "Other"  # error
        spec.deny("instance_type", "must be small")  # error


# Props: a misspelt one, one that is missing, and values of other kinds
train = ml.TrainingJob(stack, "Train", image=IMAGE, hyper_parameters={"depth": 6})  # error
prepare = ml.ProcessingJob(stack, "Prepare")  # error
ml.TrainingJob(stack, "Text", image="1.2-1")  # error
ml.TrainingJob(stack, "Number", image=IMAGE, volume_size=30)  # error
ml.TrainingJob(stack, "Seconds", image=IMAGE, max_runtime=3600)  # error
ml.TuningJob(stack, "Tune", training=IMAGE)  # error
Ours(stack, "Ours", image=IMAGE, channel={"train": data})  # error
ml.CreateModel(stack, "Model", containers=[IMAGE])  # error
ml.DeployEndpoint(stack, "Deploy")  # error
ml.registry.ModelPackageGroup(stack, "Group", group_name="churn")  # error
ml.Workflow(stack, "Workflow", definition="Train")  # error
ml.Workflow.from_jobs(stack, "Jobs", jobs=["Train"])  # error
ml.Workflow.from_jobs(stack, "Jobs", jobs=[train], definition=train)  # error
ml.Workflow.from_jobs(stack, "Jobs", jobs=[train], after={train: prepare})  # error
ml.JobDefaults(vpcc=None)  # error
ml.JobDefaults(instance_type=7)  # error
ml.JobDefaults(policy=NoPolicy())  # error

# Maps
each = ml.Map(stack, "Each", item_path="$.items")  # error
ml.Map(stack, "Batches", item_batcher=sfn.ItemBatcher(max_items_per_batch=2))  # error
files = ml.DistributedMap(stack, "Files", max_concurrency="many")  # error
each.item_processor(end, modes=sfn.ProcessorMode.INLINE)  # error
files.item_processor("End")  # error

# Catches and retries
train.add_catch(end, error=["States.ALL"])  # error
train.add_catch("End")  # error
train.add_retry(attempts=3)  # error
train.add_retry(interval=3)  # error

# Rules
ml.JobStateChangeRule(stack, "Rule", job=[train])  # error
ml.JobStateChangeRule(stack, "Targets", jobs=[train], targets=["arn:aws:sns:us-east-1:111122223333:topic"])  # error
ml.JobStateChangeRule(stack, "Age", jobs=[train], max_event_age=3600)  # error
ml.events.EndpointStateChangeRule(stack, "Endpoints", endpoint=["churn"])  # error
ml.events.ModelPackageStateChangeRule(stack, "Packages", targets=[7])  # error
train.on_state_change("On", status=["Failed"])  # error
train.on_state_change("To", target="topic")  # error

# Typed inputs
ml.Workflow(stack, "Inputs", definition=end, inputs=Inputs)
ml.Workflow(stack, "Instance", definition=end, inputs={"day": str})  # error
ml.DistributedMap(stack, "Handed", items_path="$.items", inputs="Inputs")  # error
ml.TrainingJob(stack, "Count", image=IMAGE, hyperparameters=Inputs.depth)  # error
ml.TrainingJob(stack, "Field", image=IMAGE, environment={"DAY": Inputs.dya})  # error

# What there is not
find = ml.AutoMLJob(stack, "Find", problem=ml.automl.AutoMLProblem.tabular("y"), training=data)
find.on_state_change("Found")  # error
ml.JobStateChangeRule(stack, "Find", jobs=[find])  # error
ml.AutoMLJob.from_request(stack, "Again", {})  # error
ml.PipelineExecution(stack, "Run", pipeline="churn", result_path="$.run")  # error
ml.ModelApprovalGate(stack, "Gate", package="arn", timeout=Duration.days(7), output_path="$.gate")  # error
train.metric_failed()  # error
find.metric("Failed")  # error
ml.TrainJob(stack, "Job", image=IMAGE)  # error
