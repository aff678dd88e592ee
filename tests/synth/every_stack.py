"""Every stack that checkers look at: the example, and stacks that together have all that the library defines.

What the stacks' own resources cause in cdk-nag is acknowledged as a user would; the library acknowledges what is its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.calls.all_kinds import CASES
from support.nag import users_own
from synth_stacks import SCRIPTS, JsonataStack, RichStack
from test_steps_lint import JsonataStepsStack, StepsStack
from typing_extensions import Doc

import constructs_ml as ml
from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable

SKLEARN = ml.ContainerImage.sklearn("1.2-1")
_KEPT = "a test's data, which anybody can have again"
_BUCKET = ("S3BucketReplicationEnabled", "S3BucketVersioningEnabled")
_OPEN = ("S3BucketPublicReadProhibited", "S3BucketPublicWriteProhibited")
_UNENCRYPTED = ("S3DefaultEncryptionKMS",)
_MANY = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")


def _in_packs(*rules: str, packs: tuple[str, ...] = _MANY) -> list[str]:
    return [f"{pack}-{rule}" for rule in rules for pack in packs]


def penguins(scope: Construct, construct_id: str, **props: Any) -> Stack:
    """The example."""
    stack = PenguinsStack(scope, construct_id, **props)
    raw = stack.node.find_child("RawData")
    users_own(
        raw, "a public data set", *_in_packs(*_BUCKET, *_UNENCRYPTED), "NIST.800.53.R4-S3BucketDefaultLockEnabled"
    )
    users_own(stack.node.find_child("Unread"), "it is a dead-letter queue", "Serverless-SQSRedrivePolicy")
    return stack


def rich(scope: Construct, construct_id: str, **props: Any) -> Stack:
    """As much as processing and training jobs have, and a VPC, keys and targets of every kind beside them."""
    stack = RichStack(scope, construct_id, **props)
    reason = "of the stack's author, who would see to it"
    users_own(stack.raw, reason, *_in_packs(*_BUCKET, *_OPEN), "NIST.800.53.R4-S3BucketDefaultLockEnabled")
    users_own(stack.vpc, reason, *_in_packs("IAMNoInlinePolicy", "CloudWatchLogGroupEncrypted"))
    users_own(stack.vpc, reason, *_in_packs("VPCNoUnrestrictedRouteToIGW", "VPCSubnetAutoAssignPublicIpDisabled"))
    users_own(stack.node.find_child("Log"), reason, *_in_packs("CloudWatchLogGroupEncrypted"))
    users_own(stack.node.find_child("Topic"), reason, *_in_packs("SNSEncryptedKMS"))
    users_own(stack.node.find_child("Unread"), reason, "Serverless-SQSRedrivePolicy")
    serverless = ("LambdaDLQ", "LambdaDefaultMemorySize", "LambdaDefaultTimeout", "LambdaTracing")
    rules = ("CloudWatchLogGroupEncrypted", "LambdaConcurrency", "LambdaDLQ", "LambdaInsideVPC")
    found = [*_in_packs(*rules), *_in_packs(*serverless, packs=("Serverless",))]
    users_own(stack.node.find_child("Function"), reason, *found)
    return stack


class HostingStack(Stack):
    """Registers a model, waits for its approval and serves it; rules tell of it."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        group = ml.registry.ModelPackageGroup(self, "Group", removal_policy=RemovalPolicy.DESTROY)
        train = ml.TrainingJob(self, "Train", image=SKLEARN, code=ml.Code.from_asset(SCRIPTS / "train.py"))
        register = ml.RegisterModel(self, "Register", group=group, image=SKLEARN, data=train.model_artifacts)
        gate = ml.ModelApprovalGate(self, "Gate", package=register)
        approve = ml.UpdateModelApproval(self, "Say", package=register, approval_description="in use")
        model = ml.CreateModel(self, "Model", image=SKLEARN, data=train.model_artifacts)
        config = ml.CreateEndpointConfig(self, "Configure", model=model)
        create = ml.CreateEndpoint(self, "Create", endpoint_config=config)
        update = ml.UpdateEndpoint(self, "Update", endpoint_name="churn", endpoint_config=config)
        deploy = ml.DeployEndpoint(self, "Deploy", endpoint_name="churn-2", endpoint_config=config)
        score = ml.TransformJob(
            self, "Score", model=model, data=ml.S3Data.from_uri("s3://data/in/"), wait_for_completion=False
        )
        chain = sfn.Chain.start(train)
        for state in (register, gate, approve, model, config, create, update, deploy, score):
            chain = chain.next(state)
        ml.Workflow(self, "Workflow", definition=chain)
        topic = sns.Topic.from_topic_arn(self, "Topic", "arn:aws:sns:eu-west-1:111122223333:topic")
        ml.events.EndpointStateChangeRule(self, "Endpoints", endpoints=["churn"], statuses=["Failed"], targets=[topic])
        ml.events.ModelPackageStateChangeRule(self, "Packages", targets=[topic])


def training_pipeline(scope: Construct, construct_id: str, **props: Any) -> Stack:
    """The pattern that trains and serves."""
    code = ml.Code.from_asset(SCRIPTS / "train.py")
    channels = {"train": "s3://data/train/"}
    return ml.patterns.TrainingPipelineStack(scope, construct_id, image=SKLEARN, code=code, channels=channels, **props)


def inference_pipeline(scope: Construct, construct_id: str, **props: Any) -> Stack:
    """The pattern that preprocesses, trains and serves both."""
    return ml.patterns.InferencePipelineStack(
        scope,
        construct_id,
        preprocessor_image=SKLEARN,
        preprocessor_code=ml.Code.from_asset(SCRIPTS / "train.py"),
        image=ml.ContainerImage.xgboost("1.7-1"),
        data="s3://data/raw/",
        hyperparameters={"num_round": 10},
        **props,
    )


class GatesStack(Stack):
    """Metrics of each kind decide: of jobs whose failures are classified and of others, of a tuning job, and in a file."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        failed = sfn.Fail(self, "Failed")
        code = ml.Code.from_asset(SCRIPTS / "train.py")
        found = {"accuracy": "accuracy=([0-9.]+)"}
        train = ml.TrainingJob(
            self, "Train", image=SKLEARN, code=code, metric_definitions=found, retry=ml.RetryPolicy.by_cause()
        )
        train.add_catch(failed, errors=["AlgorithmError"], result_path="$.error")
        trial = ml.tuning.TrainingDefinition(image=SKLEARN, code=code, metric_definitions=found)
        tune = ml.TuningJob(
            self,
            "Tune",
            training=trial,
            objective=ml.tuning.Objective.maximize("accuracy"),
            ranges={"max_depth": ml.tuning.IntegerRange(2, 4)},
            max_jobs=2,
        )
        evaluate = ml.ProcessingJob(self, "Evaluate", image=SKLEARN, code=code, outputs=["report"])
        metrics = ml.metrics.ReadMetrics(
            self,
            "Metrics",
            source=evaluate.output("report"),
            file="metrics.json",
            shape={"accuracy": float, "rows": int, "label": str, "fair": bool, "errors": {"false negatives": int}},
        )
        model = ml.CreateModel(self, "Model", image=SKLEARN, data=train.model_artifacts)
        good = sfn.Choice(self, "Good?")
        conditions = [
            metrics.metric("accuracy").at_least(train.metric("accuracy").value),
            metrics.metric("label").is_one_of("good", "best"),
            metrics.metric("fair").is_true(),
            metrics.metric("errors.false negatives").at_most(3),
            tune.best_objective().above(0.5),
        ]
        good.when(sfn.Condition.and_(*conditions), model).otherwise(failed)
        ml.Workflow(self, "Workflow", definition=train.next(tune).next(evaluate).next(metrics).next(good))


class Inputs(ml.ExecutionInput):
    """What to train on."""

    day: Annotated[str, Doc("The day, such as 2026-01-31"), MinLen(10), MaxLen(10)]
    rows: ml.S3Uri
    depth: Annotated[int, Ge(1), Le(32)] = 6
    rate: Annotated[float, Gt(0), Lt(1)] = 0.5
    dry: bool = False
    countries: Annotated[list[str], MaxLen(5)] = ["at", "de"]  # noqa: RUF012 - the default of a field
    tags: dict[str, str] = {}  # noqa: RUF012
    instance: Literal["ml.m5.xlarge", "ml.m5.4xlarge"] = "ml.m5.xlarge"


class InputsStack(Stack):
    """Typed inputs that jobs read, in a Map too."""

    language: sfn.QueryLanguage | None = None
    distributed = False

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        each = ml.Map(self, "EachCountry", **self._items())
        each.item_processor(self._job(each, "Prepare"))
        before = sfn.Chain.start(each)
        if self.distributed:
            files = ml.DistributedMap(self, "EachFile", inputs=Inputs, **self._items())
            before = before.next(files.item_processor(self._job(files, "Clean")))
        train = ml.TrainingJob(
            self,
            "Train",
            image=SKLEARN,
            code=ml.Code.from_asset(SCRIPTS / "train.py"),
            channels={"train": ml.S3Data.from_uri(Inputs.rows, within=["s3://data/"])},
            hyperparameters={"depth": Inputs.depth, "rate": Inputs.rate, "dry": Inputs.dry, "tags": Inputs.tags},
            instance_type=Inputs.instance,
        )
        ml.Workflow(self, "Workflow", definition=before.next(train), inputs=Inputs, query_language=self.language)

    def _job(self, scope: Construct, name: str) -> ml.ProcessingJob:
        code = ml.Code.from_asset(SCRIPTS / "preprocess.py")
        return ml.ProcessingJob(
            scope, name, image=SKLEARN, code=code, arguments=["--day", Inputs.day], outputs=["train"]
        )

    def _items(self) -> dict[str, Any]:
        if self.language is None:
            return {"items_path": "$workflowInputs.countries", "result_path": sfn.JsonPath.DISCARD}
        items = sfn.ProvideItems.jsonata("{% $workflowInputs.countries %}")
        return {"items": items, "outputs": "{% $states.input %}", "query_language": self.language}


class JsonataInputsStack(InputsStack):
    """The same in JSONata."""

    language = sfn.QueryLanguage.JSONATA


class HandedInStack(InputsStack):
    """The same, with the inputs in a distributed Map too: what aws-cdk-lib grants for one is a finding of cdk-nag's."""

    distributed = True


class JsonataHandedInStack(HandedInStack):
    """The same in JSONata."""

    language = sfn.QueryLanguage.JSONATA


class EveryKindStack(Stack):
    """Each state of the tables of calls, in a workflow of its own."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        for case in CASES.values():
            part = Construct(self, case.team.stack)
            ml.Workflow(part, "Workflow", definition=case.define(part))


class OrderStack(Stack):
    """Workflows whose order follows from the data, in both query languages."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        for language in sfn.QueryLanguage:
            part = Construct(self, language.name.title())
            ml.JobDefaults(query_language=language).apply_to(part)
            features = ml.ProcessingJob(part, "Features", image=SKLEARN, outputs=["train", "test"])
            train, baseline = (
                ml.TrainingJob(part, name, image=SKLEARN, channels={"train": features.output("train")}, retry=retry)
                for name, retry in (("Train", ml.RetryPolicy.by_cause()), ("Baseline", ml.RetryPolicy.default()))
            )
            models = {"new": train.model_artifacts, "old": baseline.model_artifacts}
            compare = ml.ProcessingJob(
                part, "Compare", image=SKLEARN, inputs={"test": features.output("test"), **models}
            )
            compare.add_catch(sfn.Pass(part, "Not compared", query_language=language), errors=["States.TaskFailed"])
            model = ml.CreateModel(part, "Model", image=SKLEARN, data=train.model_artifacts)
            score = ml.TransformJob(part, "Score", model=model, data=features.output("test"))
            deploy = ml.DeployEndpoint(
                part, "Deploy", endpoint_config=ml.CreateEndpointConfig(part, "Configure", model=model)
            )
            jobs = [features, train, baseline, compare, model, score, part.node.find_child("Configure"), deploy]
            ml.Workflow.from_jobs(
                part, "Workflow", jobs=jobs, after={deploy: [compare, score]}, query_language=language
            )


class CachedStack(Stack):
    """Cached jobs of each kind: by themselves, side by side and in a Map."""

    language = sfn.QueryLanguage.JSON_PATH

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        defaults: dict[str, Any] = {"query_language": self.language, "retry": ml.RetryPolicy.by_cause()}
        ml.JobDefaults(cache=ml.Cache(expires=Duration.days(30)), **defaults).apply_to(self)
        code = ml.Code.from_asset(SCRIPTS / "train.py")
        day = ml.S3Data.from_uri(self._input("day"), within=["s3://data/"])
        prepare = ml.ProcessingJob(
            self,
            "Prepare",
            image=SKLEARN,
            code=ml.Code.from_asset(SCRIPTS / "preprocess.py"),
            inputs={"raw": ml.S3Data.from_uri("s3://data/raw/"), "day": day},
            outputs=["train", "test"],
        )
        channels = {"train": prepare.output("train")}
        train = ml.TrainingJob(self, "Train", image=SKLEARN, code=code, channels=channels)
        trial = ml.tuning.TrainingDefinition(
            image=SKLEARN, code=code, channels=channels, metric_definitions={"accuracy": "accuracy=([0-9.]+)"}
        )
        tune = ml.TuningJob(
            self,
            "Tune",
            training=trial,
            objective=ml.tuning.Objective.maximize("accuracy"),
            ranges={"depth": ml.tuning.IntegerRange(2, 4)},
            max_jobs=2,
        )
        both = self._in(sfn.Parallel)(self, "Both", **self._as_input()).branch(train).branch(tune)
        score = ml.TransformJob(self, "Score", model="churn", data=prepare.output("test"))
        each = ml.Map(self, "Each", **self._items())
        each.item_processor(ml.ProcessingJob(each, "Clean", image=SKLEARN, inputs={"raw": "s3://data/raw/"}))
        chain = prepare.next(both).next(score).next(each)
        ml.Workflow(self, "Workflow", definition=chain, query_language=self.language)

    def _in(self, kind: Any) -> Any:
        return kind.jsonata if self.language is sfn.QueryLanguage.JSONATA else kind

    def _input(self, name: str) -> Any:
        path = f"$$.Execution.Input.{name}"
        if self.language is sfn.QueryLanguage.JSONATA:
            return f"{{% $states.context.Execution.Input.{name} %}}"
        return sfn.JsonPath.string_at(path)

    def _as_input(self) -> dict[str, Any]:
        if self.language is sfn.QueryLanguage.JSONATA:
            return {"outputs": "{% $states.input %}"}
        return {"result_path": sfn.JsonPath.DISCARD}

    def _items(self) -> dict[str, Any]:
        if self.language is sfn.QueryLanguage.JSONATA:
            items = sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.items %}")
            return {"items": items, "query_language": self.language, **self._as_input()}
        return {"items_path": "$$.Execution.Input.items", **self._as_input()}


class JsonataCachedStack(CachedStack):
    """The same in JSONata."""

    language = sfn.QueryLanguage.JSONATA


EVERY_STACK: dict[str, Callable[..., Stack]] = {
    "example": penguins,
    "jsonata": JsonataStack,
    "rich": rich,
    "steps": StepsStack,
    "jsonata steps": JsonataStepsStack,
    "hosting": HostingStack,
    "inputs": InputsStack,
    "jsonata inputs": JsonataInputsStack,
    "gates": GatesStack,
    "training pipeline": training_pipeline,
    "inference pipeline": inference_pipeline,
    "every kind": EveryKindStack,
    "order from data": OrderStack,
    "cached": CachedStack,
    "jsonata cached": JsonataCachedStack,
}
