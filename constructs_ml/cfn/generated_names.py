"""Names that CloudFormation gives: as patterns, which a policy can say before the first deployment, and once they are there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from constructs_ml.cfn.physical_values import PhysicalValues

_RANDOM = "\0"
_LONGEST = 50
"""The shortest limit on names, 63 characters, without the 13 that CloudFormation draws; what is longer it cuts."""
_BUCKET, _MACHINE = "AWS::S3::Bucket", "AWS::StepFunctions::StateMachine"


@dataclass(frozen=True)
class NamePatterns(PhysicalValues):
    """The values of a resource that is not deployed yet, with wildcards for what CloudFormation draws."""

    def pattern(self, attribute: str = "") -> str | None:
        """Return the pattern of a value; None if nothing of it is known before the deployment, as of the id of a key.

        Args:
            attribute: The attribute; the value of ``Ref`` when left out.
        """
        if not self.documents(attribute or None):
            return None
        found = self.attribute(attribute) if attribute else self.reference
        if not isinstance(found, str) or (_RANDOM in found and self._name not in found):
            return None
        return re.sub(f"{_RANDOM}+", "*", found)

    @property
    def _digest(self) -> str:
        return _RANDOM * 64

    @property
    def _octet(self) -> str:
        return _RANDOM

    @property
    def _generated(self) -> str:
        stack, own = self.place.stack, self.logical_id
        if self.resource_type == _MACHINE:
            return f"*{own}-*"  # a state machine's name has no stack in it
        name = f"{stack}-{own}-*" if len(f"{stack}-{own}-") <= _LONGEST else f"{stack[:20]}*"
        return name.lower() if self.resource_type == _BUCKET else name


@dataclass(frozen=True)
class DeployedValues(PhysicalValues):
    """The values of a resource that is deployed.

    Attributes:
        physical_id: Its physical id.
    """

    physical_id: str = ""

    @property
    def reference(self) -> str:
        """The value of ``Ref``."""
        return self.physical_id

    @property
    def _name(self) -> str:
        return self.physical_id.rpartition("/" if "/" in self.physical_id else ":")[2]

    @property
    def _generated(self) -> str:
        return self._name
