"""What differs by the version of aws-cdk-lib; a test that needs a newer one is marked with ``needs_cdk``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.core.suppressions import nag_reads_templates, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUST_HAS_CONDITIONS = ("2.274", "conditions in the trust policy of a state machine's role")
PARTITIONS = {"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}


def has(feature: tuple[str, str]) -> bool:
    """Whether the aws-cdk-lib that is installed has a feature."""
    version, _ = feature
    return (version_of("aws-cdk-lib") or (0, 0)) >= tuple(int(part) for part in version.split("."))


def as_newest(template: dict[str, Any], region: str | None = None) -> dict[str, Any]:
    """A template as the newest aws-cdk-lib writes it, for comparisons with what was reviewed.

    It has conditions in the trust policies of state machines' roles, the one difference in the example's.

    Args:
        template: The template.
        region: The region that its stack has.
    """
    partition: Any = PARTITIONS[region] if region else {"Ref": "AWS::Partition"}
    for statement in _trust_in_states(template) if not has(TRUST_HAS_CONDITIONS) else ():
        own = [":states:", region or {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
        source = {"Fn::Join": ["", ["arn:", partition, *own, ":stateMachine:*"]]}
        statement["Condition"] = {
            "ArnLike": {"aws:SourceArn": source},
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        }
    return template


def _trust_in_states(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for statement in resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
                if statement["Principal"] == {"Service": "states.amazonaws.com"}:
                    yield statement


def without_nag(template: dict[str, Any]) -> dict[str, Any]:
    """A template without the acknowledgements that cdk-nag 2, which tests import, has in resources."""
    for resource in template["Resources"].values() if nag_reads_templates() else ():
        metadata = resource.get("Metadata", {})
        metadata.pop("cdk_nag", None)
        if not metadata:
            resource.pop("Metadata", None)
    return template
