"""Building blocks for the examples of the pack's rules: requests and resources that break no rule."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.lint import examples

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY}"
CLUSTER: Mapping[str, Any] = MappingProxyType(
    {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30, "VolumeKmsKeyId": KEY}
)
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
_VARIANT = {
    "VariantName": "AllTraffic",
    "ModelName": "churn",
    "InitialInstanceCount": 2,
    "InstanceType": "ml.m5.xlarge",
}
_LOGS = {
    "Level": "ALL",
    "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}],
}
_LOG_GROUP = {"KmsKeyId": KEY_ARN, "RetentionInDays": 365}
_BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
_SSL = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def cluster(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return instances with these members; None removes a member."""
    return {name: value for name, value in {**CLUSTER, **members}.items() if value is not None}


def training(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that runs a training job with these members in its request; None removes a member."""
    output = {"S3OutputPath": "s3://churn/models/", "KmsKeyId": KEY}
    given = {"ResourceConfig": cluster(), "OutputDataConfig": output, "EnableNetworkIsolation": True, **members}
    return examples.training(**given)


def processing(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that runs a processing job, likewise."""
    resources = {"ClusterConfig": cluster()}
    given = {"ProcessingResources": resources, "NetworkConfig": {"EnableNetworkIsolation": True}, **members}
    return examples.processing(**given)


def model(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that creates a model, likewise."""
    role = "arn:aws:iam::111122223333:role/Jobs"
    request = {"ModelName": "churn", "PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": role, **members}
    return examples.call("sagemaker:createModel", request)


def endpoint(key: str | None = KEY, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that creates an endpoint configuration, with these members in its only variant."""
    request = {"EndpointConfigName": "churn", "ProductionVariants": [{**_VARIANT, **members}]}
    return examples.call("sagemaker:createEndpointConfig", {**request, **({"KmsKeyId": key} if key else {})})


def resources(**made: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a template with these resources, each a type and properties."""
    return {"Resources": {name: {"Type": kind, "Properties": dict(of)} for name, (kind, of) in made.items()}}


def workflow(log_group: Mapping[str, Any] | None = None, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a template with a state machine of these properties, and its log group; None removes a property."""
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    given = {
        "DefinitionString": json.dumps(definition),
        "RoleArn": "arn:aws:iam::111122223333:role/Workflow",
        "LoggingConfiguration": _LOGS,
        "TracingConfiguration": {"Enabled": True},
        "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": KEY},
        **properties,
    }
    made = {name: value for name, value in given.items() if value is not None}
    logs = _LOG_GROUP if log_group is None else log_group
    return resources(
        Workflow=("AWS::StepFunctions::StateMachine", made),
        Logs=("AWS::Logs::LogGroup", logs),
    )


def writing(*, secure: bool = True, request: Mapping[str, Any] | None = None, **bucket: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return that template with a training job that writes its model to a bucket ``Models``.

    Args:
        secure: Whether the bucket refuses requests without SSL.
        request: Other members of the job's request; ``${Models}`` in their strings is the bucket's name.
        bucket: The bucket's properties, besides blocking public access.
    """
    output = {"S3OutputPath": "s3://${Models}/", "KmsKeyId": KEY}
    definition = training(OutputDataConfig=output, **(request or {}))
    template = workflow(DefinitionString={"Fn::Sub": json.dumps(definition)})
    policy = {"Bucket": {"Ref": "Models"}, "PolicyDocument": {"Statement": [_SSL] if secure else []}}
    made = {"PublicAccessBlockConfiguration": _BLOCKED, **bucket}
    models = resources(Models=("AWS::S3::Bucket", made), ModelsPolicy=("AWS::S3::BucketPolicy", policy))
    return {"Resources": {**template["Resources"], **models["Resources"]}}


def role(*statements: Mapping[str, Any], service: str = "sagemaker", **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a template with a role for jobs that has these statements."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    made = {"AssumeRolePolicyDocument": {"Statement": [trust]}, **properties}
    policy = {"PolicyDocument": {"Statement": list(statements)}, "PolicyName": "Jobs", "Roles": [{"Ref": "Role"}]}
    return resources(Role=("AWS::IAM::Role", made), Policy=("AWS::IAM::Policy", policy))
