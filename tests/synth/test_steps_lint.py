"""statelint finds nothing in workflows that poll, run jobs side by side, and use the presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.second_opinion import statelint_problems
from synth_resolve import definition_of
from synth_stacks import template_of

import constructs_ml as ml

if TYPE_CHECKING:
    from constructs import Construct

REGION = "eu-west-1"


class StepsStack(Stack):
    """All of them, in JSONPath."""

    language: sfn.QueryLanguage | None = None

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        data = ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(self, "Data", "data"), "raw/")
        jsonata = self.language is not None
        items = {"items_path": "$.items", "result_path": sfn.JsonPath.DISCARD}
        if jsonata:
            items = {"items": sfn.ProvideItems.jsonata("{% $states.input.items %}")}
        each = ml.Map(self, "Each", max_concurrency=5, **items)
        prepare = ml.ProcessingJob(
            each, "Prepare", image=ml.ContainerImage.sklearn("1.2-1"), inputs={"raw": data}, outputs=["train"]
        )
        baseline = ml.ModelMonitorJob(each, "Baseline", dataset=prepare.output("train"))
        each.item_processor(prepare.next(baseline))
        find = ml.AutoMLJob(self, "Find", problem=ml.automl.AutoMLProblem.tabular("y"), training=data)
        retrain = ml.PipelineExecution(self, "Retrain", pipeline="churn")
        bias = ml.ClarifyJob(
            self,
            "Bias",
            dataset=data,
            analysis={
                "methods": {"shap": {}},
                "predictor": {"model_name": "m", "instance_type": "ml.m5.large", "initial_instance_count": 1},
            },
        )
        sorry = sfn.Fail(self, "Sorry")
        find.add_catch(sorry, errors=["AutoMLJobFailed"])
        retrain.add_retry(errors=["PipelineExecutionFailed"], max_attempts=2)
        package = f"arn:aws:sagemaker:{REGION}:111122223333:model-package/churn/1"
        gate = ml.ModelApprovalGate(self, "Gate", package=package)
        deploy = ml.DeployEndpoint(self, "Deploy", endpoint_name="churn", endpoint_config="churn-1")
        chain = each.next(find).next(retrain).next(bias).next(gate).next(deploy)
        ml.Workflow(self, "Workflow", definition=chain, query_language=self.language)


class JsonataStepsStack(StepsStack):
    """All of them, in JSONata."""

    language = sfn.QueryLanguage.JSONATA


STACKS = [StepsStack, JsonataStepsStack]


@pytest.mark.parametrize("stack", STACKS)
def test_statelint_has_nothing_to_say(stack: type[Stack]) -> None:
    assert statelint_problems(definition_of(template_of(stack, REGION), "aws", REGION)) == []
