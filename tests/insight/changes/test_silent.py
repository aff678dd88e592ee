"""A workflow and a refactoring of it: there is no difference."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.versions_of_workflow import JOB_RETRY, Editable, allow, document

from constructs_ml.insight.changes.compare import diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES: list[Callable[[Editable], object]] = []


def case(edit: Callable[[Editable], object]) -> Callable[[Editable], object]:
    """An edit that changes nothing."""
    CASES.append(edit)
    return edit


def _rewritten(it: Editable, change: Callable[[str], str]) -> None:
    """Edit the template's text."""
    it.template.update(json.loads(change(json.dumps(it.template))))
    it.resources = it.template["Resources"]


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(item) for key, item in reversed(value.items())}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


# How it is written ----------------------------------------------------------------------------------------------------


@case
def keys_reordered(it: Editable) -> None:
    it.template.update(_reversed(it.template))
    it.resources = it.template["Resources"]


@case
def definition_as_a_string(it: Editable) -> None:
    flow = it.properties("Flow")
    flow["DefinitionString"] = {
        "Fn::Sub": re.sub(
            r'\{\s*"Fn::(?:Sub|GetAtt)": ("[^"]*"|\[[^]]*\])\s*\}',
            _in_sub,
            json.dumps(flow.pop("Definition"), indent=4),
        )
    }


def _in_sub(found: re.Match[str]) -> str:
    value = json.loads(found[1])
    return json.dumps(value if isinstance(value, str) else f"${{{'.'.join(value)}}}")


@case
def definition_with_substitutions(it: Editable) -> None:
    flow = it.properties("Flow")
    text = json.dumps(flow.pop("Definition")).replace('{"Fn::GetAtt": ["JobRole1A2B3C4D", "Arn"]}', '"${Role}"')
    text = text.replace('{"Fn::Sub": "s3://${Data83908E77}/', '"s3://${Bucket}/').replace('/"}', '/"')
    substitutions = {"Role": {"Fn::GetAtt": ["JobRole1A2B3C4D", "Arn"]}, "Bucket": {"Ref": "Data83908E77"}}
    flow |= {"DefinitionString": text, "DefinitionSubstitutions": substitutions}


@case
def join_for_sub(it: Editable) -> None:
    it.request("Train")["OutputDataConfig"]["S3OutputPath"] = {
        "Fn::Join": ["", ["s3://", {"Ref": "Data83908E77"}, "/models/"]]
    }


@case
def getatt_as_text(it: Editable) -> None:
    it.request("Train")["RoleArn"] = {"Fn::GetAtt": "JobRole1A2B3C4D.Arn"}


@case
def numbers_as_decimals(it: Editable) -> None:
    it.request("Train")["ResourceConfig"]["InstanceCount"] = 1.0
    it.states["Settle"]["Seconds"] = 30.0


@case
def metadata(it: Editable) -> None:
    it.resources["Data83908E77"]["Metadata"] = {"aws:cdk:path": "Flow/Data/Resource"}
    it.resources["FlowE5F6A7B8"]["DependsOn"] = ["FlowRoleCC33DD44"]
    it.resources["CDKMetadata"] = {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:xyz"}}


# Names that are generated -----------------------------------------------------------------------------------------------


@case
def digests_of_ids(it: Editable) -> None:
    _rewritten(
        it,
        lambda text: (
            text.replace("E5F6A7B8", "00000001").replace("CC33DD44", "00000002").replace("1A2B3C4D", "00000003")
        ),
    )


@case
def constructs_moved_to_another_scope(it: Editable) -> None:
    for name, other in (
        ("FlowE5F6A7B8", "InnerFlow11111111"),
        ("FlowRoleCC33DD44", "InnerFlowRole22222222"),
        ("Alerts99887766", "InnerAlerts33333333"),
    ):
        _rewritten(it, lambda text, name=name, other=other: text.replace(name, other))


@case
def every_construct_moved(it: Editable) -> None:
    _rewritten(
        it,
        lambda text: re.sub(
            r"\b(Data|DataPolicy|JobRole|JobRolePolicy|FlowRole|Flow|Alerts|JobStates)[0-9A-F]{8}\b",
            r"Team\g<1>ABCDEF01",
            text,
        ),
    )


@case
def machine_renamed_with_its_role(it: Editable) -> None:
    _rewritten(
        it,
        lambda text: text.replace("FlowE5F6A7B8", "Pipeline99999999").replace(
            "FlowRoleCC33DD44", "PipelineRole88888888"
        ),
    )


@case
def outputs_renamed(it: Editable) -> None:
    it.template["Outputs"] = {"ExportsOutputRefData83908E77": it.template["Outputs"]["Data"]}


@case
def bootstrap_version(it: Editable) -> None:
    it.template["Parameters"] = {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        }
    }
    it.template["Rules"] = {"CheckBootstrapVersion": {"Assertions": []}}


# Paths and expressions ------------------------------------------------------------------------------------------------


@case
def path_in_brackets(it: Editable) -> None:
    it.request("Check")["Payload"]["model.$"] = "$['Train']['ModelArtifacts']"


@case
def path_in_a_call(it: Editable) -> None:
    request = it.request("Train")
    request["TrainingJobName.$"] = "States.Format( 'flow-Train-{}',States.UUID( ) )"


@case
def result_path_in_brackets(it: Editable) -> None:
    it.states["Train"]["ResultPath"] = '$["Train"]'
    it.states["Each"]["ItemsPath"] = "$['items']"


@case
def variable_in_brackets(it: Editable) -> None:
    it.states["Prepared?"]["Choices"][0]["Variable"] = "$.Prepare['Status']"


# Defaults that are said -------------------------------------------------------------------------------------------------


@case
def default_paths(it: Editable) -> None:
    it.states["Train"] |= {"InputPath": "$", "OutputPath": "$"}
    it.states["Done"] |= {"InputPath": "$"}


@case
def default_query_language(it: Editable) -> None:
    it.definition["QueryLanguage"] = "JSONPath"
    it.states["Train"]["QueryLanguage"] = "JSONPath"


@case
def default_retry(it: Editable) -> None:
    it.states["Train"]["Retry"][0] = {
        key: value for key, value in JOB_RETRY.items() if key not in {"MaxAttempts", "BackoffRate"}
    }


@case
def default_machine(it: Editable) -> None:
    it.properties("Flow")["StateMachineType"] = "STANDARD"
    it.definition["Version"] = "1.0"


@case
def default_map(it: Editable) -> None:
    each = it.states["Each"]
    each |= {"ToleratedFailurePercentage": 0, "Iterator": each.pop("ItemProcessor")}
    del each["Iterator"]["ProcessorConfig"]


@case
def default_timeout_and_end(it: Editable) -> None:
    it.states["Train"] |= {"TimeoutSeconds": 99_999_999, "End": False}


@case
def default_rule(it: Editable) -> None:
    it.properties("JobStates").pop("State")
    it.properties("JobStates")["EventBusName"] = "default"


# States -----------------------------------------------------------------------------------------------------------------


@case
def states_listed_in_another_order(it: Editable) -> None:
    it.definition["States"] = dict(sorted(it.states.items()))


@case
def channels_in_another_order(it: Editable) -> None:
    it.request("Train")["InputDataConfig"].reverse()


@case
def and_of_one(it: Editable) -> None:
    (rule,) = it.states["Prepared?"]["Choices"]
    it.states["Prepared?"]["Choices"] = [
        {"And": [{key: rule[key] for key in ("Variable", "StringEquals")}], "Next": "Train"}
    ]


@case
def not_not(it: Editable) -> None:
    (rule,) = it.states["Prepared?"]["Choices"]
    test = {key: rule[key] for key in ("Variable", "StringEquals")}
    it.states["Prepared?"]["Choices"] = [{"Not": {"Not": test}, "Next": "Train"}]


@case
def retries_listed_apart(it: Editable) -> None:
    # The second entry for an error is never reached.
    it.states["Train"]["Retry"] = [JOB_RETRY, {**JOB_RETRY, "MaxAttempts": 9}]


@case
def retry_that_never_retries(it: Editable) -> None:
    it.states["Check"]["Retry"] = [{"ErrorEquals": ["Mine"], "MaxAttempts": 0}]


@case
def catch_of_no_error_before_all(it: Editable) -> None:
    catch = it.states["Train"]["Catch"]
    catch.insert(0, {**catch[0], "ErrorEquals": ["States.Timeout"]})


@case
def partition_of_a_resource(it: Editable) -> None:
    it.states["Score2"] = it.states.pop("Done")
    it.states["Done"] = it.states.pop("Score2")
    it.states["Check"]["Resource"] = {"Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invoke"}


# Permissions ------------------------------------------------------------------------------------------------------------


@case
def statement_split(it: Editable) -> None:
    under = it.statements[0]["Resource"]
    it.statements[0:1] = [allow("s3:GetObject", under), allow("s3:PutObject", under)]


@case
def statements_reordered(it: Editable) -> None:
    it.statements.reverse()
    it.statements[-1]["Action"].reverse()


@case
def statements_named(it: Editable) -> None:
    for at, statement in enumerate(it.statements):
        statement["Sid"] = f"Statement{at}"


@case
def statement_said_twice(it: Editable) -> None:
    it.statements.append(copy.deepcopy(it.statements[0]))


@case
def wildcard_that_is_covered(it: Editable) -> None:
    it.statements.append(allow("s3:GetObject", {"Fn::Sub": "${Data83908E77.Arn}/in/raw/*"}))


@case
def action_in_another_case(it: Editable) -> None:
    it.statements[0]["Action"] = ["S3:getobject", "s3:PUTOBJECT"]


@case
def policy_inlined(it: Editable) -> None:
    policy = it.resources.pop("JobRolePolicyAA11BB22")["Properties"]
    it.properties("JobRole")["Policies"] = [{"PolicyName": "inline", "PolicyDocument": policy["PolicyDocument"]}]


@case
def policy_split(it: Editable) -> None:
    statements = it.statements
    more = {"PolicyName": "more", "Roles": [{"Ref": "JobRole1A2B3C4D"}], "PolicyDocument": document(statements.pop(0))}
    it.resources["More12345678"] = {"Type": "AWS::IAM::Policy", "Properties": more}


@case
def policy_as_a_managed_one(it: Editable) -> None:
    policy = it.resources.pop("JobRolePolicyAA11BB22")["Properties"]["PolicyDocument"]
    it.resources["Own12345678"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
    it.properties("JobRole")["ManagedPolicyArns"].append({"Ref": "Own12345678"})


@case
def condition_as_a_list(it: Editable) -> None:
    it.statements[1]["Condition"] = {"StringLike": {"s3:prefix": ["in/*"]}}


@case
def denied_anyway(it: Editable) -> None:
    it.statements.append(allow("s3:DeleteObject", {"Fn::GetAtt": ["Data83908E77", "Arn"]}))


@case
def trust_as_a_list(it: Editable) -> None:
    policy = it.properties("FlowRole")["AssumeRolePolicyDocument"]
    policy["Statement"] = {
        **policy["Statement"][0],
        "Principal": {"Service": ["states.amazonaws.com"]},
        "Action": ["sts:AssumeRole"],
    }


# Events -----------------------------------------------------------------------------------------------------------------


@case
def statuses_in_another_order(it: Editable) -> None:
    it.properties("JobStates")["EventPattern"]["detail"]["TrainingJobStatus"].reverse()


@case
def target_renumbered(it: Editable) -> None:
    it.properties("JobStates")["Targets"][0]["Id"] = "Target7"


@pytest.mark.parametrize("edit", [pytest.param(edit, id=edit.__name__) for edit in CASES])
def test_a_refactoring_is_no_difference(edit: Callable[[Editable], object]) -> None:
    """Nothing is said, in either direction, though the template is another one."""
    before, after = Editable(), Editable()
    edit(after)
    assert json.dumps(before.template) != json.dumps(after.template)
    for found in (diff(before.template, after.template), diff(after.template, before.template)):
        assert [change.words for change in found.changes] == []
        assert found.others == {}


def test_there_are_forty_refactorings() -> None:
    """The bar of the feature."""
    assert len(CASES) >= 40


def test_yaml_is_no_difference(tmp_path: Path) -> None:
    """A template is the same in YAML, in which a comment is nothing."""
    import yaml

    (tmp_path / "old.json").write_text(json.dumps(Editable().template))
    (tmp_path / "new.yaml").write_text(f"# a comment\n{yaml.safe_dump(Editable().template)}")
    assert not diff(tmp_path / "old.json", tmp_path / "new.yaml")


def test_the_query_language_is_told_but_not_each_path(tmp_path: Path) -> None:
    """A state that is rewritten in JSONata has the same request."""
    before, after = Editable().definition, Editable().definition
    check = after["States"]["Check"]
    payload = {"model": "{% $states.input.Train.ModelArtifacts %}", "least": 0.9}
    before["States"]["Check"]["Parameters"]["Name.$"] = "States.Format('run-{}/{}', $$.Execution.Name, States.UUID())"
    name = "{% 'run-' & $states.context.Execution.Name & '/' & $uuid() %}"
    check |= {"QueryLanguage": "JSONata", "Arguments": {**check.pop("Parameters"), "Name": name, "Payload": payload}}
    del check["ResultPath"], before["States"]["Check"]["ResultPath"]
    (tmp_path / "old.json").write_text(json.dumps(before))
    assert [change.words for change in diff(tmp_path / "old.json", after).changes] == [
        "Check is written in JSONata now, was JSONPath"
    ]


def test_new_code_is_no_wider_permission() -> None:
    """The digest of an asset stands in its name, which a policy may have."""
    versions = [Editable(), Editable()]
    for it, digest in zip(versions, "ab", strict=True):
        it.statements.append(allow("s3:GetObject", f"arn:aws:s3:::assets/{digest * 64}.zip"))
    assert not diff(*(it.template for it in versions)).permissions
