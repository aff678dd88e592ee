"""One container image of AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.errors import ConstructsMLError

if TYPE_CHECKING:
    from collections.abc import Mapping

# The DNS suffix of each partition by the start of its regions' names. Source: botocore/data/partitions.json.
_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}


class UnknownImageError(ConstructsMLError, LookupError):
    """AWS publishes no such image; the message lists those that exist."""


@dataclass(frozen=True, slots=True)
class Image:
    """A container image that AWS publishes for SageMaker.

    Attributes:
        framework: The framework or algorithm, such as ``sklearn``.
        version: Its version, as it was asked for.
        repository: The ECR repository, the same in every region.
        tag: The tag, the same in every region. Empty if the image has none.
        accounts: The account that holds it, by region.
    """

    framework: str
    version: str
    repository: str
    tag: str
    accounts: Mapping[str, str] = field(hash=False)

    @property
    def name(self) -> str:
        """The repository and the tag, as a URI ends."""
        return f"{self.repository}:{self.tag}" if self.tag else self.repository

    def account(self, region: str) -> str:
        """The account that holds the image in a region.

        Raises:
            UnknownImageError: If the image is not offered there.
        """
        if region not in self.accounts:
            near = _near_regions(region, self.accounts)
            raise UnknownImageError(
                f"{self.framework} {self.version} is not offered in {region}; "
                + (f"nearest: {', '.join(near)}" if near else f"regions: {', '.join(self.accounts)}")
            )
        return self.accounts[region]

    def uri(self, region: str) -> str:
        """The image's URI in a region, with the DNS suffix of the region's partition.

        Raises:
            UnknownImageError: If the image is not offered there.
        """
        return f"{self.account(region)}.dkr.ecr.{region}.{dns_suffix(region)}/{self.name}"


def dns_suffix(region: str) -> str:
    """The suffix of AWS's host names in a region: ``amazonaws.com``, ``amazonaws.com.cn``, ..."""
    return next((suffix for start, suffix in _SUFFIXES.items() if region.startswith(start)), "amazonaws.com")


def _near_regions(region: str, known: Mapping[str, str]) -> list[str]:
    """The regions of the same part of the world and partition."""
    area = region.rsplit("-", 2)[0]  # us, us-gov, us-iso, eu, ...
    return [other for other in known if other.rsplit("-", 2)[0] == area]
