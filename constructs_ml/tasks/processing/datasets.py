"""Queries whose results a processing job reads: Athena and Redshift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.core.enums import AthenaFormat, RedshiftFormat
from constructs_ml.core.requests import key_arn
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms

    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.enums import AthenaCompression, RedshiftCompression
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.iam.job_role import JobAccess
    from constructs_ml.iam.resources import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class AthenaDataset:
    """The result of an Athena query.

    Attributes:
        catalog: The data catalog, ``AwsDataCatalog`` for Glue.
        database: The database.
        query: The query.
        output: Where Athena writes the result.
        output_format: ``PARQUET``, ``ORC``, ``AVRO``, ``JSON`` or ``TEXTFILE``.
        output_compression: ``GZIP``, ``SNAPPY`` or ``ZLIB``. Default: none.
        work_group: The work group. Default: ``primary``.
        key: The KMS key of the result. Default: the bucket's encryption.
        tables: The tables that the query reads, for the role's statements. Default: all of the database.
        reads: Where the tables' data is, for the role's statements.
    """

    catalog: str = "AwsDataCatalog"
    database: str
    query: str
    output: S3Data
    output_format: AthenaFormat | str = AthenaFormat.PARQUET
    output_compression: AthenaCompression | str | None = None
    work_group: str | None = None
    key: AnyKey | None = None
    tables: Sequence[str] = ("*",)
    reads: Sequence[S3Data] = ()

    def to_request(self) -> dict[str, Any]:
        """The dataset as CreateProcessingJob takes it."""
        return {
            "AthenaDatasetDefinition": {
                "Catalog": self.catalog,
                "Database": self.database,
                "QueryString": self.query,
                "WorkGroup": self.work_group,
                "OutputS3Uri": self.output.location,
                "KmsKeyId": key_arn(self.key),
                "OutputFormat": self.output_format,
                "OutputCompression": self.output_compression,
            }
        }

    def allow(self, access: JobAccess, place: Place) -> bool:
        """Declare the permissions to run the query and read its result."""
        group = place.arn("athena", f"workgroup/{self.work_group or 'primary'}")
        actions = ("athena:GetQueryExecution", "athena:StartQueryExecution", "athena:StopQueryExecution")
        database = (place.arn("glue", "catalog"), place.arn("glue", f"database/{self.database}"))
        tables = (place.arn("glue", f"table/{self.database}/{table}") for table in self.tables)
        access.other += [
            Statement(actions, (group,)),
            Statement(("glue:GetDatabase",), database),
            # What is asked of a table is asked of its database and the catalog too.
            Statement(("glue:GetPartitions", "glue:GetTable"), (*database, *tables)),
        ]
        for data in self.reads:
            access.reads += data.objects
        # Athena finds the region of the bucket that it writes to by the rights of whoever queries.
        buckets = tuple(dict.fromkeys(objects.bucket_arn for objects in self.output.objects))
        if buckets:
            results = tuple(objects.arn for objects in self.output.objects)
            # Large results go up in parts. Source: the managed policy AmazonAthenaFullAccess, "BaseQueryResultsPermissions".
            access.other += [
                Statement(("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), buckets),
                Statement(("s3:ListMultipartUploadParts",), results),
            ]
        return _allow_result(self.output, self.key, access)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedshiftDataset:
    """The result of a Redshift query.

    Attributes:
        cluster_id: The cluster.
        database: The database.
        db_user: The database user that runs the query.
        query: The query.
        cluster_role: The role of the cluster that unloads the result.
        output: Where Redshift writes the result.
        output_format: ``PARQUET`` or ``CSV``.
        output_compression: ``GZIP``, ``BZIP2``, ``ZSTD`` or ``SNAPPY``. Default: none.
        key: The KMS key of the result. Default: the bucket's encryption.
    """

    cluster_id: str
    database: str
    db_user: str
    query: str
    cluster_role: AnyRole
    output: S3Data
    output_format: RedshiftFormat | str = RedshiftFormat.PARQUET
    output_compression: RedshiftCompression | str | None = None
    key: AnyKey | None = None

    def to_request(self) -> dict[str, Any]:
        """The dataset as CreateProcessingJob takes it."""
        return {
            "RedshiftDatasetDefinition": {
                "ClusterId": self.cluster_id,
                "Database": self.database,
                "DbUser": self.db_user,
                "QueryString": self.query,
                "ClusterRoleArn": self.cluster_role.role_arn,
                "OutputS3Uri": self.output.location,
                "KmsKeyId": key_arn(self.key),
                "OutputFormat": self.output_format,
                "OutputCompression": self.output_compression,
            }
        }

    def allow(self, access: JobAccess, place: Place) -> bool:
        """Declare the permissions to run the query and read its result."""
        credentials = (
            place.arn("redshift", f"dbuser:{self.cluster_id}/{self.db_user}"),
            place.arn("redshift", f"dbname:{self.cluster_id}/{self.database}"),
        )
        cluster = place.arn("redshift", f"cluster:{self.cluster_id}")
        access.other += [
            Statement(("redshift:GetClusterCredentials",), credentials),
            Statement(("redshift-data:ExecuteStatement",), (cluster,)),
            # A statement has no ARN: one may describe the statements that one has run.
            Statement(("redshift-data:DescribeStatement",), ("*",)),
        ]
        return _allow_result(self.output, self.key, access)


def _allow_result(output: S3Data, key: kms.IKey | None, access: JobAccess) -> bool:
    arn = key_arn(key)
    result = output if arn is None else output.encrypted_with(arn)
    access.writes += result.objects
    access.reads += result.objects
    return bool(output.objects)
