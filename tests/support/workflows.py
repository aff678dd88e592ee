"""A workflow with every kind of state in it, as its template; tests break it to see that the break is found."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

import constructs_ml as ml
from constructs_ml.cfn.template import machines_of

if TYPE_CHECKING:
    from constructs import Construct

    from constructs_ml.lint import Machine

IMAGE = ml.ContainerImage.sklearn("1.2-1")
JSONPATH, JSONATA = sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA


class CensusStack(Stack):
    """Preprocesses, checks, trains and tunes side by side, makes a model, scores each part with it and tells of it.

    Its states: Preprocess, Preprocessed? (Choice), TrainAndTune (Parallel of Train and Tune), Model, CoolDown (Wait),
    EachPart (Map of Score), Count (Lambda), Tell (SNS), Failed (Fail).
    """

    def __init__(self, scope: Construct, construct_id: str, *, jsonata: bool = False) -> None:
        super().__init__(scope, construct_id)
        language = JSONATA if jsonata else JSONPATH
        ml.JobDefaults(query_language=language).apply_to(self)
        data = ml.S3Data.from_uri("s3://census/raw/")
        failed = sfn.Fail(self, "Failed", error="Census", cause="a job failed")
        preprocess = ml.ProcessingJob(self, "Preprocess", image=IMAGE, inputs={"raw": data}, outputs=["train", "test"])
        preprocess.add_catch(failed, errors=["States.TaskFailed"])
        train = ml.TrainingJob(self, "Train", image=IMAGE, channels={"train": preprocess.output("train")})
        tune = ml.TuningJob(
            self,
            "Tune",
            training=ml.tuning.TrainingDefinition(
                image=IMAGE, channels={"train": preprocess.output("train")}, metric_definitions={"loss": "l=(.*)"}
            ),
            objective=ml.tuning.Objective.minimize("loss"),
            ranges={"depth": ml.tuning.IntegerRange(1, 9)},
            max_jobs=4,
        )
        both = self._parallel(jsonata).branch(train).branch(tune)
        both.add_catch(failed, errors=["States.ALL"])
        model = ml.CreateModel(self, "Model", image=IMAGE, data=ml.S3Data.from_uri("s3://census/model.tar.gz"))
        cool = sfn.Wait(self, "CoolDown", time=sfn.WaitTime.duration(Duration.minutes(1)))
        each = self._map(jsonata)
        score = ml.TransformJob(each, "Score", model="census", data=ml.S3Data.from_uri("s3://census/parts/"))
        each.item_processor(score)
        count, tell = self._others(jsonata)
        enough = sfn.Choice(self, "Preprocessed?", query_language=language)
        enough.when(preprocess.status_is("Completed"), both).otherwise(failed)
        chain = preprocess.next(enough)
        both.next(model).next(cool).next(each).next(count).next(tell)
        ml.Workflow(self, "Census", definition=chain, query_language=language)

    def _parallel(self, jsonata: bool) -> sfn.Parallel:
        if jsonata:
            return sfn.Parallel.jsonata(self, "TrainAndTune", outputs="{% $merge($states.result) %}")
        return sfn.Parallel(self, "TrainAndTune", result_path="$.Models")

    def _map(self, jsonata: bool) -> ml.Map:
        if jsonata:
            items = sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.parts %}")
            return ml.Map(self, "EachPart", items=items, outputs="{% $states.input %}", query_language=JSONATA)
        return ml.Map(self, "EachPart", items_path="$$.Execution.Input.parts", result_path=sfn.JsonPath.DISCARD)

    def _others(self, jsonata: bool) -> tuple[Any, Any]:
        function = lambda_.Function(
            self,
            "Counter",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return event"),
        )
        topic = sns.Topic(self, "News")
        if jsonata:
            payload = sfn.TaskInput.from_object({"status": "{% $states.input.Train.TrainingJobStatus %}"})
            count = tasks.LambdaInvoke.jsonata(
                self,
                "Count",
                lambda_function=function,
                payload=payload,
                outputs="{% $merge([$states.input, {'Count': $states.result.Payload}]) %}",
            )
            message = sfn.TaskInput.from_text("{% $string($states.input.Count) %}")
            return count, tasks.SnsPublish.jsonata(self, "Tell", topic=topic, message=message)
        payload = sfn.TaskInput.from_object({"status": sfn.JsonPath.string_at("$.Models[0].Train.TrainingJobStatus")})
        count = tasks.LambdaInvoke(
            self,
            "Count",
            lambda_function=function,
            payload=payload,
            result_selector={"payload": sfn.JsonPath.object_at("$.Payload")},
            result_path="$.Count",
        )
        message = sfn.TaskInput.from_json_path_at("$.Count.payload")
        return count, tasks.SnsPublish(self, "Tell", topic=topic, message=message)


@cache
def _template(jsonata: bool) -> str:
    app = App(analytics_reporting=False)
    stack = CensusStack(app, "Census", jsonata=jsonata)
    return json.dumps(app.synth().get_stack_by_name(stack.stack_name).template)


def census_template(*, jsonata: bool = False) -> dict[str, Any]:
    """The template of :class:`CensusStack`; the caller may change it."""
    template: dict[str, Any] = json.loads(_template(jsonata))
    return template


def census_machine(*, jsonata: bool = False) -> Machine:
    """Its state machine, with intrinsic functions resolved and its role's permissions; the caller may change its body."""
    (machine,) = machines_of(census_template(jsonata=jsonata))
    return machine
