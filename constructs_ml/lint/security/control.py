"""The controls of security standards that the pack's rules serve."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Standard(Enum):
    """The origin of a control.

    NIST's titles are from the catalog of SP 800-53 revision 5, AWS's from the user guides of Security Hub CSPM
    ("Security Hub CSPM controls for SageMaker AI" and the like) and Control Tower.
    """

    NIST = "NIST 800-53 r5"
    FSBP = "FSBP"
    """AWS Foundational Security Best Practices, a standard of Security Hub."""
    AI = "AI Security Best Practices"
    """Another standard of Security Hub."""
    SECURITY_HUB = "Security Hub"
    """Security Hub's implementation of NIST 800-53 r5."""
    CONTROL_TOWER = "Control Tower"


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a standard.

    Attributes:
        standard: The standard that it belongs to.
        id: Its id in the standard: ``SC-28(1)``, ``SageMaker.5``.
        title: Its title.
    """

    standard: Standard
    id: str
    title: str

    def __str__(self) -> str:
        return f"{self.standard.value} {self.id}"


def cited(controls: Iterable[Control]) -> str:
    """Return controls in a line: ``NIST 800-53 r5 SC-5, CP-10; FSBP SageMaker.4``."""
    by_standard = groupby(controls, key=lambda control: control.standard)
    return "; ".join(f"{standard.value} {', '.join(control.id for control in of)}" for standard, of in by_standard)


_TITLES = {
    Standard.NIST: {
        "AC-3": "Access Enforcement",
        "AC-4": "Information Flow Enforcement",
        "AC-6": "Least Privilege",
        "AC-6(10)": "Least Privilege | Prohibit Non-privileged Users from Executing Privileged Functions",
        "AC-17": "Remote Access",
        "AC-21": "Information Sharing",
        "AU-2": "Event Logging",
        "AU-9(3)": "Protection of Audit Information | Cryptographic Protection",
        "AU-11": "Audit Record Retention",
        "AU-12": "Audit Record Generation",
        "CA-7": "Continuous Monitoring",
        "CM-2": "Baseline Configuration",
        "CM-7(5)": "Least Functionality | Authorized Software — Allow-by-exception",
        "CP-10": "System Recovery and Reconstitution",
        "MA-4": "Nonlocal Maintenance",
        "SC-5": "Denial-of-service Protection",
        "SC-7": "Boundary Protection",
        "SC-7(21)": "Boundary Protection | Isolation of System Components",
        "SC-8": "Transmission Confidentiality and Integrity",
        "SC-8(1)": "Transmission Confidentiality and Integrity | Cryptographic Protection",
        "SC-12": "Cryptographic Key Establishment and Management",
        "SC-13": "Cryptographic Protection",
        "SC-28(1)": "Protection of Information at Rest | Cryptographic Protection",
        "SI-4": "System Monitoring",
        "SI-7(15)": "Software, Firmware, and Information Integrity | Code Authentication",
        "SI-12": "Information Management and Retention",
        "SR-3": "Supply Chain Controls and Processes",
        "SR-11": "Component Authenticity",
    },
    Standard.FSBP: {
        "IAM.1": 'IAM policies should not allow full "*" administrative privileges',
        "IAM.21": "IAM customer managed policies that you create should not allow wildcard actions for services",
        "S3.5": "S3 general purpose buckets should require requests to use SSL",
        "S3.8": "S3 general purpose buckets should block public access",
        "SageMaker.4": "SageMaker endpoint production variants should have an initial instance count greater than 1",
        "SageMaker.5": "SageMaker models should have network isolation enabled",
        "StepFunctions.1": "Step Functions state machines should have logging turned on",
    },
    Standard.AI: {
        "SageMaker.9": "SageMaker data quality job definitions should have inter-container traffic encryption enabled",
        "SageMaker.10": "SageMaker model explainability job definitions should have inter-container traffic encryption "
        "enabled",
        "SageMaker.11": "SageMaker data quality job definitions should have network isolation enabled",
        "SageMaker.12": "SageMaker model bias job definitions should have network isolation enabled",
        "SageMaker.13": "SageMaker model quality job definitions should have inter-container traffic encryption enabled",
        "SageMaker.14": "SageMaker monitoring schedules should have network isolation enabled",
        "SageMaker.15": "SageMaker model bias job definitions should have inter-container traffic encryption enabled",
        "SageMaker.20": "SageMaker model explainability job definitions should have network isolation enabled",
        "SageMaker.22": "SageMaker monitoring schedules should have inter-container traffic encryption enabled",
        "SageMaker.25": "SageMaker model quality job definitions should have network isolation enabled",
    },
    Standard.SECURITY_HUB: {
        "CloudWatch.16": "CloudWatch log groups should be retained for a specified time period",
        "S3.17": "S3 general purpose buckets should be encrypted at rest with AWS KMS keys",
    },
    Standard.CONTROL_TOWER: {
        "CT.STEPFUNCTIONS.PR.2": "Require an AWS Step Functions state machine to have AWS X-Ray tracing activated",
    },
}
CONTROLS = {name: Control(standard, name, title) for standard, of in _TITLES.items() for name, title in of.items()}
"""The controls by id, which is unique across the standards."""
