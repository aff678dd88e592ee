"""Models, endpoint configurations and endpoints: recorded, and in service after a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_bench import IMAGE, archive, call, complete, events, open_machine, until

if TYPE_CHECKING:
    from local_bench import Bench, Workflow

    from constructs_ml.local.runner.execution import Execution

pytestmark = pytest.mark.local

_MODEL = {"model__model.tar_gz": archive(a_txt="a")}


def _states(name: str, *, sdk: bool = False) -> dict[str, dict[str, Any]]:
    """A model, a configuration and an endpoint of one name."""
    container = {"Image": IMAGE, "ModelDataUrl": "s3://${Bucket}/in/model/model.tar.gz"}
    variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    model = {"ModelName": name, "ExecutionRoleArn": "${JobRole}", "PrimaryContainer": container}
    return {
        "Model": call("createModel", model, sdk=sdk),
        "Config": call("createEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [variant]}, sdk=sdk),
        "Endpoint": call("createEndpoint", {"EndpointName": name, "EndpointConfigName": name}, sdk=sdk),
    }


def _wait(name: str, after: str) -> dict[str, dict[str, Any]]:
    """Asks until an endpoint is no longer on its way."""
    going = [
        {"Variable": f"$.Describe{after}.EndpointStatus", "StringEquals": status, "Next": f"Pause{after}"}
        for status in ("Creating", "Updating", "RollingBack")
    ]
    return {
        f"Pause{after}": {"Type": "Wait", "Seconds": 30},
        f"Describe{after}": call("describeEndpoint", {"EndpointName": name}),
        f"Ready{after}": {"Type": "Choice", "Choices": going, "Default": f"After{after}"},
        f"After{after}": {"Type": "Pass", "End": True},
    }


def _update(name: str, config: str) -> dict[str, dict[str, Any]]:
    variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    request = {"EndpointName": name, "EndpointConfigName": config, "DeploymentConfig": deployment}
    return {
        "Config2": call("createEndpointConfig", {"EndpointConfigName": config, "ProductionVariants": [variant]}),
        "Update": call("updateEndpoint", request),
    }


def _run(bench: Bench, workflow: Workflow) -> Execution:
    _, execution = bench.run(workflow, **_MODEL)
    return execution


def test_an_endpoint_comes_into_service(bench: Bench) -> None:
    workflow = open_machine(**_states("one"), **_wait("one", "Create"))
    deployment, execution = bench.run(workflow, **_MODEL)
    assert execution.status == "SUCCEEDED", execution.cause
    out = execution.output
    complete("DescribeEndpoint", out["DescribeCreate"])
    for what in ("Model", "EndpointConfig"):
        asked = open_machine(Ask=call(f"describe{what}", {f"{what}Name": "one"}))
        complete(f"Describe{what}", bench.run(asked)[1].output["Ask"])
    assert out["Model"] == {"ModelArn": "arn:aws:sagemaker:us-east-1:111122223333:model/one"}
    assert out["DescribeCreate"]["EndpointStatus"] == "InService"
    assert out["DescribeCreate"]["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert out["DescribeCreate"]["CreationTime"].endswith("Z")  # an SDK integration writes times as text
    assert execution.simulated == ["endpoint one comes into service, but serves nothing"]
    found = events(bench, deployment, lambda found: "IN_SERVICE" in _statuses(found, "one"))
    assert _statuses(found, "one") == {"CREATING", "IN_SERVICE"}
    sagemaker = bench.aws.client("sagemaker")
    assert sagemaker.describe_endpoint(EndpointName="one")["EndpointStatus"] == "InService"


def _statuses(found: list[dict[str, Any]], name: str) -> set[str]:
    kind = "SageMaker Endpoint State Change"
    mine = [event for event in found if event["detail-type"] == kind and event["detail"]["EndpointName"] == name]
    return {event["detail"]["EndpointStatus"] for event in mine}


@pytest.mark.parametrize(
    ("name", "status", "config"),
    [
        ("two", "InService", "two-next"),
        ("ends-back", "InService", "ends-back"),
        ("ends-stuck", "UpdateRollbackFailed", "ends-stuck"),
    ],
)
def test_an_update_ends_as_the_run_was_told(bench: Bench, name: str, status: str, config: str) -> None:
    workflow = open_machine(
        **_states(name), **_wait(name, "Create"), **_update(name, f"{name}-next"), **_wait(name, "Update")
    )
    execution = _run(bench, workflow)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["DescribeCreate"]["EndpointStatus"] == "InService"
    found = execution.output["DescribeUpdate"]
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (status, config)
    assert found["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": "errors"}]
    assert f"endpoint {name} is updated, but serves nothing and shifts no traffic" in execution.simulated


def test_a_deployment_that_the_run_was_told_to_fail(bench: Bench) -> None:
    execution = _run(bench, open_machine(**_states("ends-failed"), **_wait("ends-failed", "Create")))
    found = execution.output["DescribeCreate"]
    assert (found["EndpointStatus"], found["FailureReason"]) == (
        "Failed",
        "an outcome of the run makes this deployment fail",
    )


def test_an_endpoint_whose_data_went_away_fails(bench: Bench) -> None:
    states = _states("gone")
    pause = {"Type": "Wait", "Seconds": 1000}
    workflow = open_machine(
        Model=states["Model"],
        Config=states["Config"],
        Pause=pause,
        Endpoint=states["Endpoint"],
        **_wait("gone", "Create"),
    )
    deployment = bench.deploy(workflow, **_MODEL)
    execution = deployment.start()
    assert until(lambda: "Pause" in execution.states_passed)
    bench.aws.client("s3").delete_object(Bucket=deployment.physical_ids["Data"], Key="in/model/model.tar.gz")
    found = execution.wait(30).output["DescribeCreate"]
    assert found["EndpointStatus"] == "Failed"
    assert found["FailureReason"].startswith("Could not find model data at s3://")


@pytest.mark.parametrize(
    ("state", "error", "said"),
    [
        (
            call("createEndpoint", {"EndpointName": "x", "EndpointConfigName": "no"}, sdk=False),
            "SageMaker.AmazonSageMakerException",
            'Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:111122223333:endpoint-config/no"',
        ),
        (
            call("describeEndpoint", {"EndpointName": "no"}),
            "SageMaker.SageMakerException",
            'Could not find endpoint "arn:aws:sagemaker:us-east-1:111122223333:endpoint/no"',
        ),
        (call("describeAutoMLJobV2", {"AutoMLJobName": "no"}), "SageMaker.ResourceNotFoundException", "Could not find"),
        (
            call("createEndpoint", {"EndpointName": "x"}),
            "SageMaker.SageMakerException",
            "EndpointConfigName is required",
        ),
        (call("createUnicorn", {}), "SageMaker.SageMakerException", "a local run has no sagemaker:CreateUnicorn"),
        (call("describeEndpoint", {}, sdk=False), "States.Runtime", "use arn:aws:states:::aws-sdk:sagemaker:"),
        (call("createModel.sync", {}, sdk=False), "States.Runtime", "cannot wait for"),
    ],
)
def test_errors_are_named_as_on_aws(bench: Bench, state: dict[str, Any], error: str, said: str) -> None:
    execution = _run(bench, open_machine(Call=state))
    assert execution.error == error
    assert said in (execution.cause or "")


def test_names_are_taken_once(bench: Bench) -> None:
    states = _states("twice")
    again = {f"{name}Again": dict(state) for name, state in _states("twice", sdk=True).items()}
    execution = _run(bench, open_machine(**states, Again=again["EndpointAgain"]))
    assert execution.error == "SageMaker.SageMakerException"
    assert "Cannot create already existing endpoint" in (execution.cause or "")


def test_what_the_role_of_the_state_machine_lacks_is_named(bench: Bench) -> None:
    workflow = open_machine(**_states("denied"))
    workflow.machine[0]["Action"] = ["sagemaker:CreateModel"]
    execution = _run(bench, workflow)
    assert (
        "sagemaker:CreateEndpointConfig on resource: arn:aws:sagemaker:us-east-1:111122223333:endpoint-config/denied"
        in (execution.cause or "")
    )


def test_endpoints_can_be_deleted(bench: Bench) -> None:
    delete = {
        f"Delete{what}": call(f"delete{what}", {f"{what}Name": "short"})
        for what in ("Endpoint", "EndpointConfig", "Model")
    }
    execution = _run(
        bench, open_machine(**_states("short"), **delete, Gone=call("describeModel", {"ModelName": "short"}))
    )
    assert "Could not find model" in (execution.cause or "")


def test_a_role_calls_sagemaker_over_http_with_its_permissions_only(bench: Bench) -> None:
    deployment = bench.deploy(open_machine(Call=call("describeEndpoint", {"EndpointName": "no"})))
    arn = bench.aws.client("iam").get_role(RoleName=deployment.physical_ids["JobRole"])["Role"]["Arn"]
    client = bench.aws.client_for_role(arn, "sagemaker")
    with pytest.raises(client.exceptions.ClientError, match=r"AccessDeniedException.*sagemaker:DescribeEndpoint"):
        client.describe_endpoint(EndpointName="no")


def test_templates_may_hold_models_endpoints_groups_and_pipelines(bench: Bench) -> None:
    workflow = open_machine(Call=call("describeModelPackageGroup", {"ModelPackageGroupName": "cfn-group"}))
    workflow.resources = {
        "Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": "cfn-group"}},
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ExecutionRoleArn": {"Fn::GetAtt": ["JobRole", "Arn"]},
                "PrimaryContainer": {"Image": IMAGE},
            },
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [
                    {
                        "VariantName": "all",
                        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                        "InstanceType": "ml.m5.large",
                        "InitialInstanceCount": 1,
                        "InitialVariantWeight": 1,
                    }
                ]
            },
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
        },
        "Pipeline": {
            "Type": "AWS::SageMaker::Pipeline",
            "Properties": {
                "PipelineName": "cfn-pipeline",
                "PipelineDefinition": {"PipelineDefinitionBody": "{}"},
                "RoleArn": {"Fn::GetAtt": ["JobRole", "Arn"]},
            },
        },
    }
    deployment, execution = bench.run(workflow)
    assert execution.status == "SUCCEEDED", execution.cause
    assert deployment.physical_ids["Group"].endswith(":model-package-group/cfn-group")
    name = deployment.physical_ids["Endpoint"].rpartition("/")[2]
    sagemaker = bench.aws.client("sagemaker")
    assert until(lambda: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
    assert sagemaker.describe_pipeline(PipelineName="cfn-pipeline")["PipelineStatus"] == "Active"
