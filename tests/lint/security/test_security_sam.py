"""SAM's state machines are asked what CloudFormation's are, by SAM's names of the properties."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import Severity
from constructs_ml.lint.security.examples import KEY_ARN
from constructs_ml.lint.security.pack import check_security

DEFINITION = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
DESTINATIONS = [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}]
LOGGING = {"Level": "ALL", "Destinations": DESTINATIONS}
RIGHT = {"Definition": DEFINITION, "Logging": LOGGING, "Tracing": {"Enabled": True}}
LOG_GROUP = {"KmsKeyId": KEY_ARN, "RetentionInDays": 365}
NO_KEY = ("CMS043", "Flow.EncryptionConfiguration.Type")
"""SAM's resource has no property for a key."""


def found_in(log_group: dict[str, Any] | None = None, **properties: Any) -> set[tuple[str, str]]:
    """The rules that a SAM template breaks, with the members; None takes a property away."""
    given = {name: value for name, value in {**RIGHT, **properties}.items() if value is not None}
    group = LOG_GROUP if log_group is None else log_group
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": given},
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": group},
        },
    }
    return {(found.rule, found.member) for found in check_security(template)}


def test_only_a_key_is_out_of_its_reach() -> None:
    """It is advice, and says what resource can have one."""
    assert found_in() == {NO_KEY}
    (found,) = check_security({"Resources": {"Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": RIGHT}}})
    assert found.severity is Severity.WARNING
    assert "make it an AWS::StepFunctions::StateMachine" in found.message


@pytest.mark.parametrize("logging", [None, {**LOGGING, "Level": "ERROR"}])
def test_a_machine_that_does_not_log_is_told(logging: dict[str, Any] | None) -> None:
    """By SAM's name of the property."""
    assert found_in(Logging=logging) == {NO_KEY, ("CMS041", "Flow.Logging.Level")}


@pytest.mark.parametrize("tracing", [None, {"Enabled": False}])
def test_a_machine_that_is_not_traced_is_told(tracing: dict[str, Any] | None) -> None:
    """By SAM's name of the property."""
    assert found_in(Tracing=tracing) == {NO_KEY, ("CMS042", "Flow.Tracing.Enabled")}


def test_its_log_is_looked_at() -> None:
    """The log group is found where SAM's resource names it."""
    assert found_in({}) == {NO_KEY, ("CMS044", "Logs.KmsKeyId"), ("CMS045", "Logs.RetentionInDays")}


def test_a_setting_that_is_known_later_is_not_told() -> None:
    """As for CloudFormation's state machine."""
    assert found_in(Logging={"Ref": "Logging"}, Tracing={"Enabled": {"Ref": "Traced"}}) == {NO_KEY}
