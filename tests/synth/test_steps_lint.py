"""The checkers find nothing in workflows that wait by looking, run jobs side by side, and use the presets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from cdk_nag import AwsSolutionsChecks
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from support.second_opinion import statelint_problems
from support.templates import states
from synth_resolve import definition_of, resolved
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
        find = ml.AutoMLJob(self, "Find", problem=ml.AutoMLProblem.tabular("y"), training=data)
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
def test_cfn_lint_has_nothing_to_say(stack: type[Stack]) -> None:
    template = template_of(stack, REGION)
    for item in (template, _with_plain_waits(resolved(template, "aws", REGION))):
        options = ManualArgs(regions=[REGION], ignore_checks=["W3005"])
        assert [f"{match.rule.id} {match.message}" for match in lint(json.dumps(item), config=options)] == []


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("region", [None, REGION])
def test_cdk_nag_has_nothing_to_say(stack: type[Stack], region: str | None) -> None:
    template_of(stack, region, AwsSolutionsChecks())


@pytest.mark.parametrize("stack", STACKS)
def test_statelint_has_nothing_to_say(stack: type[Stack]) -> None:
    assert statelint_problems(definition_of(template_of(stack, REGION), "aws", REGION)) == []


def _with_plain_waits(template: Any) -> Any:
    """A template in which waits are numbers: cfn-lint knows no expression there in a machine whose language is JSONPath."""
    (machine,) = (item for item in template["Resources"].values() if item["Type"] == "AWS::StepFunctions::StateMachine")
    definition = json.loads(machine["Properties"]["DefinitionString"])
    for state in states(definition).values():
        if state["Type"] == "Wait":
            assert state["Seconds"].startswith("{% $wait")
            state["Seconds"] = 1
    machine["Properties"]["DefinitionString"] = json.dumps(definition)
    return template
