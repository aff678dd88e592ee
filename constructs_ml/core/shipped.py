"""Files of the user's in S3: as assets of the stack, or in a bucket of the stack's own."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.names import digest
from constructs_ml.core.app_context import reference
from constructs_ml.core.context import pseudo
from constructs_ml.core.s3_data import SCHEME, S3Data
from constructs_ml.iam.job_role import Objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_cdk import aws_s3 as s3

    from constructs_ml.core.context import ScopeContext


# What jobs may read of the code that a stack ships: the code of every version of it, not of this one alone.
#
# A running execution keeps its definition while a deployment is under way, and afterwards; the role of its jobs gets the new
# version's policy at once. A policy that names the new version's files would fail each job that is yet to start. Sources:
# "UpdateStateMachine" of the Step Functions API reference (running executions "will continue to use the previous definition
# and roleArn") and "Changes that I make are not always immediately visible" of the IAM user guide.
#
# A file asset's key is the prefix of the stack's synthesizer, the hash of the content, and the ending of the file. Every
# version's keys differ by the hash alone; without a prefix, so do those of the other stacks that share the bucket.

_HASH = re.compile(r"[0-9a-f]{64}(?=[./]|$)")


def code_of_all_versions(bucket_arn: str, key: str, endings: Iterable[str] = ()) -> tuple[Objects, ...]:
    """The objects of a bucket that are code of any version of a stack.

    Args:
        bucket_arn: The bucket of the stack's assets.
        key: Where this version's file is.
        endings: The endings of such files in other versions: a script may become a folder.
    """
    found = _HASH.search(key)
    if found is None:
        # A synthesizer with keys of its own, such as the legacy one, whose keys are parameters.
        return (Objects(bucket_arn, key, exact=True),)
    prefix, name = key[: found.start()], key[found.end() :].lstrip("/")
    _, dot, ending = name.rpartition(".")
    own = f".{ending}" if dot else f"/{name}"
    return tuple(Objects(bucket_arn, f"{prefix}*{each}", exact=True) for each in sorted({own, *endings}))


ARCHIVE = ".gz"
"""The ending of archives of code in S3."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file that the stack has put into S3.

    Attributes:
        uri: Where it is.
        bucket_arn: The bucket of assets that it is in.
        key: Where it is there.
        own: The objects that jobs may read instead, if the bucket is the stack's own.
    """

    uri: str
    bucket_arn: str = ""
    key: str = ""
    own: tuple[Objects, ...] = ()

    def data(self, endings: Iterable[str] = ()) -> S3Data:
        """The file as data of jobs.

        Args:
            endings: The endings of such files in other versions of the stack.
        """
        return S3Data(self.uri, self.own or code_of_all_versions(self.bucket_arn, self.key, endings))


def shipped_once(context: ScopeContext, kind: str, content: str, ship: Callable[[], Shipped]) -> Shipped:
    """A file that all jobs of a stack share which have the same one.

    Args:
        context: The context of the job's scope.
        kind: The purpose of the file, which distinguishes files of the same content.
        content: A hash of the content.
        ship: Ships it the first time.
    """
    bucket = context.defaults.code_bucket
    key = ("shipped", kind, content, None if bucket is None else reference(bucket))
    shared = context.of_stack.shared
    if key not in shared:
        made = shared[key] = ship()
        shipped_files(context)[made.uri] = content
    return cast("Shipped", shared[key])


def shipped_files(context: ScopeContext) -> dict[str, str]:
    """The files that the stack ships: a hash of the content of each, by its URI."""
    files: dict[str, str] = context.of_stack.shared.setdefault("shipped files", {})
    return files


def ship_archive(context: ScopeContext, path: Path, content: str) -> Shipped:
    """An archive as an asset of the stack's. Its id is made of the code, not of the path, which differs between machines.

    Args:
        context: The context of the job's scope.
        path: The archive.
        content: A hash of what is in it.
    """
    if context.defaults.code_bucket is not None:
        return _put(context, context.defaults.code_bucket, path, content)
    from aws_cdk import AssetHashType
    from aws_cdk import aws_s3_assets as assets

    asset = assets.Asset(
        context.of_stack.scope,
        f"Archive{digest(content, 8)}",
        # Absolute: Node keeps the folder that it was started in.
        path=str(path.resolve()),
        asset_hash=content,
        asset_hash_type=AssetHashType.CUSTOM,
    )
    return _in_bucket(context, asset.s3_bucket_name, asset.s3_object_key)


def ship_file(context: ScopeContext, file: Path, content: str) -> Shipped:
    """A file that keeps its name: the hash is the folder.

    Args:
        context: The context of the job's scope.
        file: The file.
        content: A hash of what is in it.
    """
    # The id is made of the content, not of the path, which differs between machines.
    identity = hashlib.sha256(f"{file.name}\0{content}".encode()).hexdigest()
    if context.defaults.code_bucket is not None:
        return _put(context, context.defaults.code_bucket, file, identity)
    from aws_cdk import AssetHashType, AssetStaging, FileAssetPackaging

    stack = context.of_stack.stack
    staging = AssetStaging(
        context.of_stack.scope,
        f"File{digest(identity, 8)}",
        source_path=str(file.absolute()),
        asset_hash=identity,
        asset_hash_type=AssetHashType.CUSTOM,
    )
    # The command that publishes assets names temporary files by this hash when it packs directories: only files do.
    location = _synthesizer(context).add_file_asset(
        source_hash=f"{identity}/{file.stem}",
        file_name=staging.relative_staged_path(stack),
        packaging=FileAssetPackaging.FILE,
    )
    return _in_bucket(context, location.bucket_name, location.object_key)


def _synthesizer(context: ScopeContext) -> Any:  # noqa: ANN401 - of aws-cdk-lib
    """Return what adds assets to the stack: the synthesizer of a nested stack, which forwards to it and is not kept in the tree.

    ``stack.synthesizer`` would be the user's own object where the user has made one in Python: the template of the one that the
    stack has, which jsii takes for it, and which belongs to no stack.
    """
    shared = context.of_stack.shared
    if "synthesizer" not in shared:
        from aws_cdk import NestedStack

        name = "Forwarding"
        shared["synthesizer"] = NestedStack(context.of_stack.scope, name).synthesizer
        for child in (name, f"{name}.NestedStack"):
            context.of_stack.scope.node.try_remove_child(child)
    return shared["synthesizer"]


def _in_bucket(context: ScopeContext, bucket: str, key: str) -> Shipped:
    # All assets of a stack are in one bucket, and each answer names it by a token of its own, which no merge sees through.
    bucket = context.of_stack.shared.setdefault("assets bucket", bucket)
    return Shipped(f"{SCHEME}{bucket}/{key}", f"arn:{pseudo('PARTITION')}:s3:::{bucket}", key)


# A bucket of the stack's own ------------------------------------------------------------------------------------------


def _put(context: ScopeContext, bucket: s3.IBucket, file: Path, identity: str) -> Shipped:
    """A file in a bucket, by aws-cdk-lib's own deployment of files, which removes none of other versions."""
    from aws_cdk import AssetHashType
    from aws_cdk import aws_s3_deployment as deployment

    folder = f"code/{context.of_stack.owner}/"
    key = ("code deployment", reference(bucket))
    shared = context.of_stack.shared
    with tempfile.TemporaryDirectory() as temporary:
        own = Path(temporary, identity)
        own.mkdir()
        shutil.copy(file, own / file.name)
        options: dict[str, Any] = {"asset_hash": identity, "asset_hash_type": AssetHashType.CUSTOM}
        source = deployment.Source.asset(str(Path(temporary).resolve()), **options)
        if key in shared:
            shared[key].add_source(source)
        else:
            shared[key] = deployment.BucketDeployment(
                context.of_stack.scope,
                f"Code{bucket.node.addr[-8:]}",
                destination_bucket=bucket,
                destination_key_prefix=folder,
                sources=[source],
                # Executions that are under way read what earlier versions have shipped.
                prune=False,
                retain_on_delete=True,
            )
            context.of_stack.code_deployments.append(shared[key])
    within = S3Data.from_bucket(bucket, folder)
    return Shipped(f"{within.location}{identity}/{file.name}", own=within.objects)
