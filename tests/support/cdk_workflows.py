"""Workflows of the task states that aws-cdk-lib has itself, as it writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_batch as batch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

if TYPE_CHECKING:
    from constructs import Construct

WAITING = sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN
JOB = sfn.IntegrationPattern.RUN_JOB
COUNT = lambda_.Code.from_inline("def handler(event, context): return event")


def _function(scope: Construct) -> lambda_.Function:
    return lambda_.Function(scope, "Function", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=COUNT)


def _is_new() -> sfn.Condition:
    return sfn.Condition.timestamp_greater_than("$.created", "2026-01-01T00:00:00Z")


class ServicesStack(Stack):
    """A chain of calls of other services, in JSONPath."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        failed = sfn.Fail(self, "Failed", error_path="$.error.Error", cause_path="$.error.Cause")
        chain = sfn.Chain.start(sfn.Pass(self, "Start", result=sfn.Result.from_object({"id": "1", "wait": 3})))
        for task in (*self._messages(), *self._jobs(), *self._others()):
            task.add_retry(
                errors=["ThrottlingException"], max_attempts=2, jitter_strategy=sfn.JitterType.FULL, backoff_rate=1.5
            )
            task.add_catch(failed, result_path="$.error")
            chain = chain.next(task)
        body = sfn.DefinitionBody.from_chainable(chain)
        sfn.StateMachine(self, "Machine", definition_body=body, timeout=Duration.hours(2), comment="calls others")

    def _messages(self) -> list[sfn.TaskStateBase]:
        kept: dict[str, Any] = {"result_path": sfn.JsonPath.DISCARD}
        function, topic, queue = _function(self), sns.Topic(self, "Topic"), sqs.Queue(self, "Queue")
        table = dynamodb.Table(self, "Table", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING})
        key = {"id": tasks.DynamoAttributeValue.from_string(sfn.JsonPath.string_at("$.id"))}
        token = sfn.TaskInput.from_object({"token": sfn.JsonPath.task_token})
        entry = tasks.EventBridgePutEventsEntry(
            detail=sfn.TaskInput.from_object({"id": sfn.JsonPath.string_at("$.id")}),
            detail_type="Scored",
            source="churn",
            event_bus=events.EventBus(self, "Bus"),
        )
        return [
            tasks.LambdaInvoke(self, "Count", lambda_function=function, payload_response_only=True, **kept),
            tasks.LambdaInvoke(
                self,
                "Approve",
                lambda_function=function,
                integration_pattern=WAITING,
                payload=token,
                heartbeat_timeout=sfn.Timeout.duration(Duration.minutes(5)),
                task_timeout=sfn.Timeout.duration(Duration.hours(1)),
                **kept,
            ),
            tasks.SnsPublish(self, "Tell", topic=topic, message=sfn.TaskInput.from_json_path_at("$.id"), **kept),
            tasks.SqsSendMessage(self, "Ask", queue=queue, message_body=token, integration_pattern=WAITING, **kept),
            tasks.DynamoGetItem(self, "Get", table=table, key=key, **kept),
            tasks.DynamoPutItem(self, "Put", table=table, item=key, **kept),
            tasks.EventBridgePutEvents(self, "Announce", entries=[entry], **kept),
        ]

    def _jobs(self) -> list[sfn.TaskStateBase]:
        kept: dict[str, Any] = {"result_path": sfn.JsonPath.DISCARD}
        vpc = ec2.Vpc(self, "Vpc", nat_gateways=0, max_azs=1)
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        definition = ecs.FargateTaskDefinition(self, "Task")
        definition.add_container("App", image=ecs.ContainerImage.from_registry("app"))
        queue = batch.JobQueue.from_job_queue_arn(self, "Jobs", "arn:aws:batch:us-east-1:111122223333:job-queue/jobs")
        return [
            tasks.GlueStartJobRun(self, "Clean", glue_job_name="clean", integration_pattern=JOB, **kept),
            tasks.BatchSubmitJob(
                self,
                "Simulate",
                job_name="simulate",
                job_queue_arn=queue.job_queue_arn,
                job_definition_arn="arn:aws:batch:us-east-1:111122223333:job-definition/simulate:1",
                **kept,
            ),
            tasks.EcsRunTask(
                self,
                "Run",
                cluster=cluster,
                task_definition=definition,
                launch_target=tasks.EcsFargateLaunchTarget(platform_version=ecs.FargatePlatformVersion.LATEST),
                assign_public_ip=True,
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
                integration_pattern=JOB,
                **kept,
            ),
            tasks.EmrAddStep(self, "Step", cluster_id="j-1", name="step", jar="step.jar", **kept),
            tasks.AthenaStartQueryExecution(
                self,
                "Query",
                query_string="SELECT 1",
                integration_pattern=JOB,
                result_configuration=tasks.ResultConfiguration(
                    output_location=s3.Location(bucket_name="results", object_key="athena")
                ),
                **kept,
            ),
            tasks.StepFunctionsStartExecution(
                self, "Inner", state_machine=self._inner(), associate_with_parent=True, **kept
            ),
        ]

    def _inner(self) -> sfn.StateMachine:
        """An Express workflow that decides something."""
        big = sfn.Condition.and_(
            sfn.Condition.is_present("$.id"),
            sfn.Condition.or_(sfn.Condition.string_matches("$.id", "big-*"), sfn.Condition.not_(_is_new())),
        )
        done = sfn.Succeed(self, "Decided")
        wait = sfn.Wait(self, "AWhile", time=sfn.WaitTime.seconds_path("$.wait")).next(done)
        until = sfn.Wait(self, "Until", time=sfn.WaitTime.timestamp("2030-01-01T00:00:00Z")).next(done)
        decide = sfn.Choice(self, "Decide").when(big, wait).when(_is_new(), until).otherwise(done)
        body = sfn.DefinitionBody.from_chainable(decide)
        return sfn.StateMachine(self, "Fast", definition_body=body, state_machine_type=sfn.StateMachineType.EXPRESS)

    def _others(self) -> list[sfn.TaskStateBase]:
        kept: dict[str, Any] = {"result_path": sfn.JsonPath.DISCARD}
        activity = sfn.Activity(self, "Activity")
        return [
            tasks.StepFunctionsInvokeActivity(
                self, "Work", activity=activity, heartbeat_timeout=sfn.Timeout.at("$.wait"), **kept
            ),
            tasks.CallAwsService(
                self,
                "List",
                service="s3",
                action="listObjectsV2",
                parameters={"Bucket": "data", "Prefix": sfn.JsonPath.format("in/{}/", sfn.JsonPath.string_at("$.id"))},
                iam_resources=["*"],
                **kept,
            ),
        ]


class ModelsStack(Stack):
    """Trains, makes a model, scores with it and serves it, by the tasks of SageMaker that aws-cdk-lib has."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        bucket = s3.Bucket(self, "Data")
        data = tasks.S3Location.from_bucket(bucket, "in/")
        fresh = sfn.JsonPath.format("churn-{}", sfn.JsonPath.uuid())
        image = tasks.DockerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1")
        train = tasks.SageMakerCreateTrainingJob(
            self,
            "Train",
            training_job_name=fresh,
            integration_pattern=JOB,
            algorithm_specification=tasks.AlgorithmSpecification(training_image=image),
            input_data_config=[
                tasks.Channel(
                    channel_name="train",
                    data_source=tasks.DataSource(s3_data_source=tasks.S3DataSource(s3_location=data)),
                )
            ],
            output_data_config=tasks.OutputDataConfig(s3_output_location=tasks.S3Location.from_bucket(bucket, "out/")),
            stopping_condition=tasks.StoppingCondition(max_runtime=Duration.hours(1)),
            result_path="$.Train",
        )
        model = tasks.SageMakerCreateModel(
            self,
            "Model",
            model_name=sfn.JsonPath.string_at("$.Train.TrainingJobName"),
            primary_container=tasks.ContainerDefinition(
                image=image,
                mode=tasks.Mode.SINGLE_MODEL,
                model_s3_location=tasks.S3Location.from_json_expression("$.Train.ModelArtifacts.S3ModelArtifacts"),
            ),
            result_path=sfn.JsonPath.DISCARD,
        )
        score = tasks.SageMakerCreateTransformJob(
            self,
            "Score",
            transform_job_name=fresh,
            model_name=sfn.JsonPath.string_at("$.Train.TrainingJobName"),
            transform_input=tasks.TransformInput(
                transform_data_source=tasks.TransformDataSource(
                    s3_data_source=tasks.TransformS3DataSource(s3_uri="s3://churn/parts/")
                )
            ),
            transform_output=tasks.TransformOutput(s3_output_path="s3://churn/scores/"),
            integration_pattern=JOB,
            result_path=sfn.JsonPath.DISCARD,
        )
        variant = tasks.ProductionVariant(
            instance_type=ec2.InstanceType("m5.large"),
            model_name=sfn.JsonPath.string_at("$.Train.TrainingJobName"),
            variant_name="all",
        )
        config = tasks.SageMakerCreateEndpointConfig(
            self,
            "Config",
            endpoint_config_name=sfn.JsonPath.string_at("$.Train.TrainingJobName"),
            production_variants=[variant],
            result_path=sfn.JsonPath.DISCARD,
        )
        serve = tasks.SageMakerUpdateEndpoint(
            self,
            "Serve",
            endpoint_name="churn",
            endpoint_config_name=sfn.JsonPath.string_at("$.Train.TrainingJobName"),
        )
        for task in (train, model, score, config, serve):
            task.add_retry(errors=["SageMaker.AmazonSageMakerException"], interval=Duration.seconds(5))
        chain = train.next(model).next(score).next(config).next(serve)
        sfn.StateMachine(self, "Machine", definition_body=sfn.DefinitionBody.from_chainable(chain))


class ShapesStack(Stack):
    """Map, Parallel and DistributedMap around calls of a function, in JSONPath."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        function = _function(self)
        bucket = s3.Bucket(self, "Data")
        each = sfn.Map(
            self,
            "Each",
            items_path="$.parts",
            item_selector={"part": sfn.JsonPath.string_at("$$.Map.Item.Value"), "id": sfn.JsonPath.string_at("$.id")},
            max_concurrency=3,
            result_path=sfn.JsonPath.DISCARD,
        ).item_processor(tasks.LambdaInvoke(self, "CountPart", lambda_function=function, output_path="$.Payload"))
        both = sfn.Parallel(self, "Both", result_selector={"first": sfn.JsonPath.object_at("$[0]")})
        both.branch(tasks.LambdaInvoke(self, "Left", lambda_function=function)).branch(sfn.Pass(self, "Right"))
        both.add_retry(errors=["States.ALL"], max_attempts=1)
        every = sfn.DistributedMap(
            self,
            "Every",
            item_reader=sfn.S3CsvItemReader(
                bucket=bucket, key="rows.csv", csv_headers=sfn.CsvHeaders.use_first_row(), max_items=1000
            ),
            item_batcher=sfn.ItemBatcher(max_items_per_batch=10),
            result_writer_v2=sfn.ResultWriterV2(bucket=bucket, prefix="out/"),
            tolerated_failure_percentage=5,
            map_execution_type=sfn.StateMachineType.EXPRESS,
            label="rows",
        ).item_processor(tasks.LambdaInvoke(self, "CountRow", lambda_function=function))
        every.add_catch(sfn.Fail(self, "Failed", error="TooMany", cause="too many rows"), errors=["States.ALL"])
        body = sfn.DefinitionBody.from_chainable(each.next(both).next(every))
        sfn.StateMachine(self, "Machine", definition_body=body)


class JsonataShapesStack(Stack):
    """The same in JSONata, with variables."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        function = _function(self)
        start = sfn.Pass.jsonata(self, "Start", assign={"id": "{% $states.input.id %}", "seconds": 3})
        count = tasks.LambdaInvoke.jsonata(
            self,
            "CountPart",
            lambda_function=function,
            payload=sfn.TaskInput.from_object({"part": "{% $states.input %}", "id": "{% $id %}"}),
            outputs="{% $states.result.Payload %}",
            task_timeout=sfn.Timeout.duration(Duration.minutes(1)),
        )
        each = sfn.Map.jsonata(self, "Each", items=sfn.ProvideItems.jsonata("{% $states.input.parts %}"))
        each.item_processor(count)
        both = sfn.Parallel.jsonata(self, "Both", outputs={"first": "{% $states.result[0] %}"})
        both.branch(tasks.LambdaInvoke.jsonata(self, "Left", lambda_function=function))
        both.branch(sfn.Wait.jsonata(self, "Right", time=sfn.WaitTime.seconds("{% $seconds %}")))
        enough = sfn.Choice.jsonata(self, "Enough?")
        failed = sfn.Fail.jsonata(self, "Failed", error="{% 'few' %}", cause="too few")
        enough.when(sfn.Condition.jsonata("{% $states.input.first > 3 %}"), sfn.Succeed.jsonata(self, "Done"))
        enough.when(sfn.Condition.jsonata("{% $states.input.first <= 3 %}"), failed)
        chain = start.next(each).next(both).next(enough)
        sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_chainable(chain),
            query_language=sfn.QueryLanguage.JSONATA,
        )
