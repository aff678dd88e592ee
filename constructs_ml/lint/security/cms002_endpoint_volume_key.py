"""CMS002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import endpoint
from constructs_ml.lint.security.instances import may_have_local_storage
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.call import Part
    from constructs_ml.lint.security.subject import Subject


@security_rule(
    "CMS002",
    title="The volumes of an endpoint's instances are encrypted with a KMS key",
    reason="They hold the model and the files that the container writes. Serverless variants have no volumes, and "
    "instances with local disks, which their hardware encrypts, are not checked. Source: KmsKeyId of "
    "CreateEndpointConfig in the API; the managed rule sagemaker-endpoint-configuration-kms-key-configured of AWS "
    "Config.",
    controls=("SC-12", "SC-13", "SC-28(1)"),
    bad=endpoint(key=None),
    good=endpoint(),
)
def endpoint_volume_key(subject: Subject) -> Iterator[Violation]:
    """Endpoint configurations whose instances' volumes have no key."""
    for call in subject.calls:
        if call.operation == "CreateEndpointConfig" and not call.parts[0].get("KmsKeyId"):
            on_instances = [part for part in call.parts if _is_on_instances(part)]
            if on_instances and not any(may_have_local_storage(part) for part in on_instances):
                yield call.violation("KmsKeyId", "must be a KMS key, got none", "pass a volume_key")


def _is_on_instances(part: Part) -> bool:
    return part.shape.name == "ProductionVariant" and part.get("ServerlessConfig") is None
