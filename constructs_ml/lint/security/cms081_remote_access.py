"""CMS081."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.lint.security.examples import training
from constructs_ml.lint.security.rule import security_rule
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_FLAGS: Mapping[str, str] = MappingProxyType(
    {"ProductionVariant": "EnableSSMAccess", "RemoteDebugConfig": "EnableRemoteDebug"}
)


@security_rule(
    "CMS081",
    title="Containers do not allow remote access",
    reason="Remote debugging and SSM access open a shell in a container that has the data, the model and the "
    "credentials of its role; commands in that shell are not in the job's log. Source: 'Access a training container "
    "through AWS Systems Manager for remote debugging' and 'Access containers through SSM' of the SageMaker developer "
    "guide.",
    controls=("AC-17", "MA-4"),
    bad=training(RemoteDebugConfig={"EnableRemoteDebug": True}),
    good=training(),
)
def remote_access(subject: Subject) -> Iterator[Violation]:
    """Containers that allow remote access."""
    for call in subject.calls:
        for part in call.parts:
            flag = _FLAGS.get(part.shape.name, "")
            if flag and part.is_on(flag) and part.get(flag) is not LATER:
                yield call.violation(part.at(flag), "must not be true", "remove it, except while you debug")
