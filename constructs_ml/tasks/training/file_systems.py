"""Inputs of a training job without a copy in S3: file systems, and data sets of a SageMaker hub."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.enums import api_value
from constructs_ml.core.model_data import read_hub_content
from constructs_ml.core.values import parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from aws_cdk import aws_efs as efs
    from aws_cdk import aws_fsx as fsx

    from constructs_ml.core.job_spec import JobSpec


class FileSystemType(Enum):
    """The service that a file system belongs to."""

    EFS = "EFS"
    FSX_LUSTRE = "FSxLustre"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSystem:
    """A directory of a file system, as the source of a training channel. The job must run in a VPC that reaches it.

    Make one with :meth:`efs` or :meth:`lustre`. Let the job in where the file system is defined:
    ``file_system.connections.allow_default_port_from(job)``.

    Attributes:
        file_system_id: Such as ``fs-0123456789abcdef0``.
        directory: The full path of the directory. That of a Lustre file system starts with its mount name.
        file_system_type: The service.
        writable: Whether the container may write to it. Default: no.
    """

    file_system_id: str
    directory: str
    file_system_type: FileSystemType | str
    writable: bool = False

    @classmethod
    def efs(cls, file_system: efs.IFileSystem | str, directory: str = "/", *, writable: bool = False) -> FileSystem:
        """A directory in Amazon EFS.

        Args:
            file_system: The file system, or its id.
            directory: The full path of the directory.
            writable: Whether the container may write to it.
        """
        found = file_system if isinstance(file_system, str) else file_system.file_system_id
        return cls(file_system_id=found, directory=directory, file_system_type=FileSystemType.EFS, writable=writable)

    @classmethod
    def lustre(cls, file_system: fsx.IFileSystem | str, directory: str, *, writable: bool = False) -> FileSystem:
        """A directory in Amazon FSx for Lustre.

        Args:
            file_system: The file system, or its id.
            directory: The full path of the directory: ``/<mount name>/data``.
            writable: Whether the container may write to it.
        """
        found = file_system if isinstance(file_system, str) else file_system.file_system_id
        kind = FileSystemType.FSX_LUSTRE
        return cls(file_system_id=found, directory=directory, file_system_type=kind, writable=writable)

    def to_request(self) -> dict[str, Any]:
        """The ``DataSource`` of a channel."""
        return {
            "FileSystemDataSource": {
                "FileSystemId": self.file_system_id,
                "FileSystemAccessMode": "rw" if self.writable else "ro",
                "FileSystemType": api_value(self.file_system_type),
                "DirectoryPath": self.directory,
            }
        }

    def allow(self, spec: JobSpec, member: str) -> None:
        """Declare the permissions to mount it.

        Source: "Identity-based policy examples for Amazon EFS" of the EFS user guide; a file system without a policy of
        its own asks for none of it.
        """
        if spec.network is None:
            spec.faults.add(member, "is on a file system, which requires a VPC, got none", "pass vpc=")
        place = spec.context.of_stack.place
        if api_value(self.file_system_type) == FileSystemType.FSX_LUSTRE.value:
            # fsx:DescribeFileSystems has no resource to narrow it to.
            spec.access.other.append(Statement(("fsx:DescribeFileSystems",), ("*",)))
            return
        known = parse_text(self.file_system_id)
        name = "*" if isinstance(known, Runtime) else known
        write = ("elasticfilesystem:ClientWrite",) if self.writable else ()
        actions = ("elasticfilesystem:ClientMount", *write, "elasticfilesystem:DescribeMountTargets")
        spec.access.other.append(Statement(actions, (place.arn("elasticfilesystem", f"file-system/{name}"),)))


@dataclass(frozen=True, slots=True, kw_only=True)
class HubDataset:
    """A data set of a SageMaker hub, as the source of a training channel.

    Attributes:
        dataset_arn: ``arn:<partition>:sagemaker:<region>:<account>:hub-content/<hub>/DataSet/<name>/<version>``.
    """

    dataset_arn: str

    def to_request(self) -> dict[str, Any]:
        """The ``DataSource`` of a channel."""
        return {"DatasetSource": {"DatasetArn": self.dataset_arn}}

    def allow(self, spec: JobSpec, member: str) -> None:
        """Declare the permissions to read it."""
        read_hub_content(spec, self.dataset_arn, member)
