"""CMS001."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import cluster, training
from constructs_ml.lint.security.instances import may_have_local_storage
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.call import Part
    from constructs_ml.lint.security.subject import Subject

_KEY = "VolumeKmsKeyId"
# Volumes are created even if the structure with their key is omitted.
_IMPLIED: Mapping[str, str] = MappingProxyType(
    {
        "CreateAutoMLJobRequest": f"AutoMLJobConfig.SecurityConfig.{_KEY}",
        "CreateAutoMLJobV2Request": f"SecurityConfig.{_KEY}",
        "LabelingJobAlgorithmsConfig": f"LabelingJobResourceConfig.{_KEY}",
    }
)
_SET_ABOVE = frozenset({"AutoMLSecurityConfig", "LabelingJobResourceConfig"})


@security_rule(
    "CMS001",
    title="The volumes of a job's instances are encrypted with a KMS key",
    reason="A job's volumes hold its data, its code and its model. Without a key of your own they are encrypted with "
    "one of SageMaker's, whose use you can neither restrict nor audit. Instances with local disks, which their "
    "hardware encrypts, take no key and are not checked. Source: 'Protect Data at Rest Using Encryption' of the "
    "SageMaker developer guide; VolumeKmsKeyId of the API.",
    controls=("SC-12", "SC-13", "SC-28(1)"),
    bad=training(ResourceConfig=cluster(VolumeKmsKeyId=None)),
    good=training(),
)
def volume_key(subject: Subject) -> Iterator[Violation]:
    """Instances whose volumes have no key."""
    for call in subject.calls:
        for part in call.parts:
            member = _member(part)
            if member and not part.get(member):
                fix = "pass a volume_key to the job or to JobDefaults"
                yield call.violation(part.at(member), "must be a KMS key, got none", fix)


def _member(part: Part) -> str:
    """Return the member that must be set; empty if there is none."""
    if part.shape.name in _IMPLIED:
        return _IMPLIED[part.shape.name]
    takes = _KEY in part.shape.members and part.shape.name not in _SET_ABOVE
    return _KEY if takes and not may_have_local_storage(part) else ""
