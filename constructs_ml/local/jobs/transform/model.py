"""A model as a transform job or an endpoint sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Model:
    """A model whose packages are resolved.

    Attributes:
        name: Its name.
        role_arn: The role that its containers run under.
        containers: Its containers in the order that a request passes them.
        vpc: The network that they run in.
    """

    name: str
    role_arn: str
    containers: list[dict[str, Any]]
    vpc: dict[str, list[str]] | None = None

    @property
    def images(self) -> list[str]:
        """The images of the containers."""
        return [str(container.get("Image", "")) for container in self.containers]

    @property
    def archives(self) -> list[str]:
        """Where the data of its containers lies in S3."""
        return [uri for container in self.containers if (uri := data_of(container)[0])]


def data_of(container: dict[str, Any]) -> tuple[str, bool]:
    """Where a container's model data lies, and whether it is an archive.

    Args:
        container: A ContainerDefinition.

    Returns:
        The S3 URI, empty if it has none; and whether a ``.tar.gz`` lies there rather than plain files.
    """
    source = (container.get("ModelDataSource") or {}).get("S3DataSource")
    if source:
        return str(source["S3Uri"]), source.get("CompressionType") == "Gzip"
    return str(container.get("ModelDataUrl") or ""), True
