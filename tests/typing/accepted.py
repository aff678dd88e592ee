"""A user's code that mypy --strict and pyright accept. It is never run: tests/typing/test_typing.py has it checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le
from aws_cdk import Annotations, App, Duration, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as events_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from constructs import Construct
    from typing_extensions import Unpack

IMAGE = ml.ContainerImage.sklearn("1.2-1")


class OurTrainingJob(ml.TrainingJob):
    """Training as our auditors want it, unless a job says otherwise."""

    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[ml.training.TrainingJobProps]) -> None:
        props.setdefault("network_isolation", True)
        props.setdefault("image", IMAGE)
        props["tags"] = {"team": "risk"}
        super().__init__(scope, construct_id, **props)


class OurPreprocessing(ml.ProcessingJob):
    """Takes what every job takes, and says the rest itself."""

    def __init__(self, scope: Construct, construct_id: str, *, day: str, **props: Unpack[ml.props.JobProps]) -> None:
        super().__init__(scope, construct_id, image=IMAGE, arguments=["--day", day], outputs=["train"], **props)


class Isolated(ml.TrainingJob):
    """Holds on every way that defines a job."""

    @classmethod
    def apply_policy(cls, spec: ml.props.PolicySubject) -> None:
        super().apply_policy(spec)
        spec.request["EnableNetworkIsolation"] = True


class CostControl:
    """A policy of a platform team."""

    def apply(self, spec: ml.props.PolicySubject) -> None:
        for instance_type in spec.instance_types():
            if spec.operation == "CreateTrainingJob" and instance_type not in ("ml.m5.xlarge", "ml.m5.2xlarge"):
                spec.refuse("instance_type", f"must be of the m5 family, got {instance_type}", "pass ml.m5.xlarge")
        spec.add_tag("cost-center", str(spec.props.get("job_name", "1234")))


class Retraining(ml.TrainingPipeline):
    """A pipeline with a seam of its own."""

    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[ml.patterns.TrainingPipelineProps]) -> None:
        props.setdefault("serving_instance_type", "ml.m5.large")
        super().__init__(scope, construct_id, **props)


class WholeStack(Stack):
    """Everything that a workflow is made of."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        vpc, key, bucket = ec2.Vpc(self, "Vpc"), kms.Key(self, "Key"), s3.Bucket(self, "Data")
        topic, queue = sns.Topic(self, "Topic"), sqs.Queue(self, "Queue")
        role = iam.Role.from_role_arn(self, "Role", "arn:aws:iam::111122223333:role/mine")
        boundary = iam.ManagedPolicy.from_managed_policy_name(self, "Boundary", "mine")
        ml.JobDefaults(
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[ec2.SecurityGroup(self, "Group", vpc=vpc)],
            volume_key=key,
            output_key=key,
            bucket=bucket,
            role=role,
            permissions_boundary=boundary,
            network_isolation=True,
            instance_type="ml.m5.large",
            instance_count=1,
            volume_size=Size.gibibytes(50),
            max_runtime=Duration.hours(2),
            environment={"STAGE": "prod"},
            tags={"team": "risk"},
            retry=ml.RetryPolicy.by_cause(),
            result=ml.Result.FULL,
            query_language=sfn.QueryLanguage.JSON_PATH,
            policy=CostControl(),
        ).apply_to(self)

        prepare = OurPreprocessing(self, "Prepare", day=ml.execution_input("day"), instance_type="ml.m5.xlarge")
        train = OurTrainingJob(
            self,
            "Train",
            image=IMAGE,
            code=ml.Code.from_asset("src/train.py"),
            channels={"train": prepare.output("train"), "more": ml.S3Data.from_bucket(bucket, "more/")},
            hyperparameters={"max_depth": 6, "objective": sfn.JsonPath.string_at("$.objective")},
            volume_size=Size.gibibytes(30),
            volume_key=kms.Key.from_key_arn(self, "Other", "arn:aws:kms:us-east-1:111122223333:key/1"),
            environment={"STAGE": "prod"},
            task_timeout=sfn.Timeout.duration(Duration.hours(3)),
        )
        failed, tell = sfn.Fail(self, "Failed"), sfn.Pass(self, "Tell")
        prepare.add_catch(failed, errors=["States.TaskFailed"], result_path="$.error")
        train.add_catch(tell, outputs={"why": "{% $states.errorOutput.Cause %}"}, assign={"failed": True})
        train.add_retry(errors=["States.Timeout"], interval=Duration.seconds(5), max_attempts=2, backoff_rate=1.5)
        train.on_state_change("OnFailed", statuses=["Failed"], target=topic)
        rule: events.Rule = train.on_state_change("OnEnd", target=events_targets.SqsQueue(queue))

        each = ml.Map(self, "Each", items_path="$.countries", max_concurrency=5, item_selector={"name": "$.name"})
        inner = ml.ProcessingJob(each, "Inner", image=IMAGE, outputs=["made"])
        each.item_processor(inner, mode=sfn.ProcessorMode.INLINE)
        everywhere = each.all_of(inner.output("made"))
        files = ml.DistributedMap(
            self,
            "Files",
            item_reader=sfn.S3ObjectsItemReader(bucket=bucket, prefix="files/"),
            result_writer_v2=sfn.ResultWriterV2(bucket=bucket, prefix="results/"),
            tolerated_failure_percentage=5,
        )
        files.item_processor(ml.ProcessingJob(files, "File", image=IMAGE))

        find = ml.AutoMLJob(self, "Find", problem=ml.automl.AutoMLProblem.tabular("y"), training=everywhere)
        register = ml.RegisterModel(
            self,
            "Register",
            group=ml.registry.ModelPackageGroup.from_model_package_group_name(self, "Churn", "churn"),
            image=IMAGE,
            data=train.model_artifacts,
            approval_status=ml.registry.ApprovalStatus.PENDING_MANUAL_APPROVAL,
        )
        gate = ml.ModelApprovalGate(self, "Approved", package=register, timeout=Duration.days(7))
        model = ml.CreateModel(self, "Model", image=IMAGE, data=train.model_artifacts, role=role)
        config = ml.CreateEndpointConfig(self, "Config", variants=[ml.hosting.Variant(model=model, instance_count=2)])
        deploy = ml.DeployEndpoint(self, "Deploy", endpoint_config=config, endpoint_name="churn")
        checked = sfn.Choice(self, "Prepared?").when(prepare.status_is("Completed"), train).otherwise(failed)
        train.next(each).next(files).next(find).next(register).next(gate).next(model).next(config).next(deploy)
        workflow = ml.Workflow(
            self, "Workflow", definition=prepare.next(checked), encryption_key=key, log_group=logs.LogGroup(self, "Log")
        )
        workflow.metric_failed()
        one = ml.ProcessingJob(self, "One", image=IMAGE, outputs=["train"])
        two = ml.TrainingJob(self, "Two", image=IMAGE, channels={"train": one.output("train")})
        order = {two: [one]}
        nightly = ml.Workflow.from_jobs(self, "Nightly", jobs=[one, two], after=order, timeout=Duration.hours(1))
        nightly.metric_failed()

        function = lambda_.Function.from_function_name(self, "Function", "mine")
        ml.JobStateChangeRule(
            self,
            "Rule",
            jobs=[prepare, train],
            statuses=["Failed", "Stopped"],
            targets=[
                topic,
                queue,
                function,
                workflow,
                events_targets.SnsTopic(sns.Topic.from_topic_arn(self, "T", "t")),
            ],
            dead_letter_queue=queue,
            max_event_age=Duration.hours(2),
        )
        ml.events.EndpointStateChangeRule(self, "Endpoints", endpoints=[deploy], statuses=["Failed"], targets=[topic])
        ml.events.ModelPackageStateChangeRule(
            self, "Packages", groups=[register], approval_statuses=["Approved"], targets=[topic]
        )
        bucket.grant_read(train)
        rule.add_event_pattern(region=["us-east-1"])
        machine = sfn.StateMachine(self, "Plain", definition_body=sfn.DefinitionBody.from_chainable(tell))
        if train.role_policy is not None:
            machine.node.add_dependency(train.role_policy)


class Inputs(ml.ExecutionInput, closed=False):
    """Typed inputs: as its type says, each field can be used where such a value can."""

    day: str
    rows: ml.S3Uri
    depth: Annotated[int, Ge(1), Le(32)] = 6
    rate: float = 0.5
    spot: Annotated[bool, "By spare instances"] = False
    countries: list[str] = ["at"]  # noqa: RUF012 - the default of a field
    tags: dict[str, str] = {}  # noqa: RUF012
    instance: Literal["ml.m5.xlarge", "ml.m5.4xlarge"] = "ml.m5.xlarge"


class InputsStack(Stack):
    """Typed inputs in props and in Maps."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        train = ml.TrainingJob(
            self,
            "Train",
            image=IMAGE,
            channels={"train": ml.S3Data.from_uri(Inputs.rows)},
            hyperparameters={"depth": Inputs.depth, "rate": Inputs.rate},
            environment={"DAY": Inputs.day.upper(), "DEPTH": f"{Inputs.depth}"},
            instance_type=Inputs.instance,
            instance_count=Inputs.depth,
            spot=Inputs.spot,
            tags=Inputs.tags,
        )
        each = ml.DistributedMap(self, "Each", items_path="$.items", inputs=Inputs)
        workflow = ml.Workflow(self, "Workflow", definition=each.item_processor(train), inputs=Inputs)
        titles = [] if workflow.inputs is None else [workflow.inputs.json_schema()["title"]]
        faults: list[str] = [*titles, *Inputs.faults_of({"day": 5})]
        Annotations.of(self).add_info(", ".join(faults))


app = App()
ml.checks.SageMakerSecurityChecks.of(app)
WholeStack(app, "Whole")
app.synth()
