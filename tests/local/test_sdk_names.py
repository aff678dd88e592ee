"""The SDK integrations of a local run take and give the names that Step Functions writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from constructs_ml.local.emulator.integrations import TaskError
from constructs_ml.local.emulator.sdk_integrations import call

if TYPE_CHECKING:
    from constructs_ml.local.aws.clients import RoleSession


class Role:
    """A role whose clients answer once, as they are told."""

    def __init__(self, operation: str, sent: dict[str, Any], given: dict[str, Any] | None, code: str = "") -> None:
        self._answer = operation, sent, given, code
        self.name = ""

    def client(self, name: str) -> Any:
        """The client of a service, by boto3's name."""
        self.name = name
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        client = boto3.client(name, region_name="us-east-1", **keys)  # type: ignore[call-overload]
        operation, sent, given, code = self._answer
        stub = Stubber(client)
        if given is None:
            stub.add_client_error(operation, service_error_code=code, expected_params=sent)
        else:
            stub.add_response(operation, given, sent)
        stub.activate()
        return client


def called(action: str, request: dict[str, Any], role: Role) -> dict[str, Any]:
    return call(f"arn:aws:states:::aws-sdk:{action}", request, cast("RoleSession", role))


def test_acronyms_are_words_in_requests_and_responses() -> None:
    """As published definitions read them: $.DbInstances[0].DbInstanceStatus."""
    role = Role(
        "describe_db_instances",
        {"DBInstanceIdentifier": "a"},
        {"DBInstances": [{"DBInstanceIdentifier": "a", "DBInstanceStatus": "available"}]},
    )
    found = called("rds:describeDBInstances", {"DbInstanceIdentifier": "a"}, role)
    assert found == {"DbInstances": [{"DbInstanceIdentifier": "a", "DbInstanceStatus": "available"}]}


def test_keys_of_maps_are_data() -> None:
    role = Role(
        "get_item",
        {"TableName": "rows", "Key": {"id": {"S": "a"}}},
        {"Item": {"id": {"S": "a"}, "open": {"BOOL": True}, "none": {"NULL": True}}},
    )
    found = called("dynamodb:getItem", {"TableName": "rows", "Key": {"id": {"S": "a"}}}, role)
    assert found == {"Item": {"id": {"S": "a"}, "open": {"Bool": True}, "none": {"Nul": True}}}


def test_renamed_members_are_taken() -> None:
    item = {"open": {"Bool": True}, "none": {"Nul": True}}
    sent = {"open": {"BOOL": True}, "none": {"NULL": True}}
    role = Role("put_item", {"TableName": "rows", "Item": sent}, {})
    assert called("dynamodb:putItem", {"TableName": "rows", "Item": item}, role) == {}


def test_services_have_other_names_than_boto3_s() -> None:
    role = Role("list_user_pools", {"MaxResults": 1}, {"UserPools": []})
    assert called("cognitoidentityprovider:listUserPools", {"MaxResults": 1}, role) == {"UserPools": []}
    assert role.name == "cognito-idp"


def test_errors_end_in_exception_and_their_acronyms_are_words() -> None:
    role = Role("describe_db_instances", {"DBInstanceIdentifier": "a"}, None, "DBInstanceNotFound")
    with pytest.raises(TaskError) as raised:
        called("rds:describeDBInstances", {"DbInstanceIdentifier": "a"}, role)
    assert raised.value.error == "Rds.DbInstanceNotFoundException"


@pytest.mark.parametrize("action", ["rds:describeDbInstances", "rds:DescribeDBInstances", "sts:assumeRole"])
def test_actions_that_step_functions_does_not_call_are_refused(action: str) -> None:
    role = Role("describe_db_instances" if "rds" in action else "get_caller_identity", {}, {})
    with pytest.raises(TaskError, match="has no operation") as raised:
        called(action, {}, role)
    assert raised.value.error == "States.Runtime"
