"""The services of Step Functions' SDK integrations, and their models in botocore."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.model import folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMED_OTHERWISE: Mapping[str, str] = MappingProxyType(
    {
        "applicationdiscovery": "discovery",
        "cloudwatchlogs": "logs",
        "cognitoidentityprovider": "cognito-idp",
        "costandusagereport": "cur",
        "costexplorer": "ce",
        "databasemigration": "dms",
        "directory": "ds",
        "directoryservicedata": "ds-data",
        "elasticloadbalancing": "elb",
        "elasticloadbalancingv2": "elbv2",
        "elasticsearch": "es",
        "eventbridge": "events",
        "iotdataplane": "iot-data",
        "iotjobsdataplane": "iot-jobs-data",
        "lexmodelbuilding": "lex-models",
        "lexmodelsv2": "lexv2-models",
        "lexruntimev2": "lexv2-runtime",
        "marketplacemetering": "meteringmarketplace",
        "migrationhub": "mgh",
        "pinpointsmsvoice": "sms-voice",
        "serverlessapplicationrepository": "serverlessrepo",
        "sfn": "stepfunctions",
        "simpledb": "sdb",
    }
)
"""The services whose folder in botocore is not their name with hyphens; a test compares them with the ids in its models."""

UNSUPPORTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "bedrockagentruntime": frozenset(
            ["invokeAgent", "invokeFlow", "invokeInlineAgent", "optimizePrompt", "retrieveAndGenerateStream"]
        ),
        "bedrockruntime": frozenset(["converseStream", "invokeModelWithResponseStream"]),
        "cloudwatchlogs": frozenset(["startLiveTail"]),
        "comprehendmedical": frozenset(["detectEntities"]),
        "dataexchange": frozenset(["sendApiAsset"]),
        "efs": frozenset(["createTags"]),
        "emr": frozenset(["describeJobFlows"]),
        "kinesis": frozenset(["subscribeToShard"]),
        "lambda": frozenset(["invokeAsync", "invokeWithResponseStream"]),
        "lexruntimev2": frozenset(["startConversation"]),
        "qbusiness": frozenset(["chat"]),
        "rdsdata": frozenset(["executeSql"]),
        "s3": frozenset(["selectObjectContent"]),
        "sagemakerruntime": frozenset(["invokeEndpointWithResponseStream"]),
        "shield": frozenset(["deleteSubscription"]),
        "sts": frozenset(["assumeRole", "assumeRoleWithSAML", "assumeRoleWithWebIdentity"]),
    }
)
"""The actions that services have and Step Functions does not call, of the services that are in use.

Source: "Supported AWS SDK service integrations", the lists of unsupported operations (2026).
"""


def services() -> Mapping[str, Path]:
    """Return the folders of botocore's models by the service's name in a resource; empty without botocore."""
    return _services(folder())


@cache
def _services(root: Path | None) -> Mapping[str, Path]:
    data = root / "data" if root else None
    if data is None or not data.is_dir():
        return {}
    others = set(NAMED_OTHERWISE.values())
    found = {each.name: each for each in data.iterdir() if each.is_dir()}
    plain = {name.replace("-", ""): path for name, path in found.items() if name not in others}
    return {**plain, **{name: found[other] for name, other in NAMED_OTHERWISE.items() if other in found}}


def meant_by(name: str) -> str:
    """Return the service that another of its names means: ``cloudwatchlogs`` for boto3's ``logs``; empty if unknown."""
    lower = name.lower()
    renamed = {other.replace("-", ""): service for service, other in NAMED_OTHERWISE.items()}
    for candidate in (lower, lower.replace("-", ""), lower.replace("_", "")):
        if candidate in services():
            return candidate
    return renamed.get(lower.replace("-", ""), "")
