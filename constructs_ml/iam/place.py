"""Where a stack is deployed, as texts that ARNs are built from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A partition, region and account; each a literal or a token.

    Attributes:
        partition: ``aws``, ``aws-cn``, ``aws-us-gov`` or a token for it.
        region: The region or a token for it.
        account: The account's id or a token for it.
    """

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def s3_arn(self, bucket: str, key: str = "") -> str:
        """The ARN of a bucket, or of the objects whose keys match."""
        return f"arn:{self.partition}:s3:::{bucket}{'/' if key else ''}{key}"
