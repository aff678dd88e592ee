"""Files of the user's as assets that keep their names: the hash is the folder, and the file in it has its own name.

aws-cdk-lib names an asset in S3 by its hash, and SageMaker names a file in the container by its key's last part. A container
that looks for ``configuration.json`` or imports ``helpers`` would not find it so, and a traceback would name a hash.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.access.job_role import Objects
from constructs_ml.asl.names import digest
from constructs_ml.jobs.archive import content_hash, files_of
from constructs_ml.jobs.data import SCHEME, S3Data
from constructs_ml.jobs.home import pseudo

if TYPE_CHECKING:
    from constructs_ml.jobs.home import Home

_EPOCH = (1980, 1, 1, 0, 0, 0)


def named_file(home: Home, path: Path) -> S3Data:
    """A file, or a directory as a zip file, as an object with its own name.

    Args:
        home: Where the job stands.
        path: The file or directory.
    """
    files = files_of(path)
    content = content_hash(files)
    name = f"{path.name}.zip" if path.is_dir() else path.name
    key = ("named", name, content)
    if key not in home.of_stack.shared:
        with tempfile.TemporaryDirectory() as folder:
            file = path
            if path.is_dir():
                file = Path(folder, name)
                _write_zip(files, file)
            home.of_stack.shared[key] = _stage(home, file, content)
    staged: S3Data = home.of_stack.shared[key]
    return staged


def _write_zip(files: dict[str, Path], archive: Path) -> None:
    """Writes a zip file, the same bytes on every machine and day."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, file.read_bytes())


def _stage(home: Home, file: Path, content: str) -> S3Data:
    from aws_cdk import AssetHashType, AssetStaging, FileAssetPackaging

    stack = home.of_stack.stack
    # The id is made of the content, not of the path, which differs between machines.
    identity = hashlib.sha256(f"{file.name}\0{content}".encode()).hexdigest()
    staging = AssetStaging(
        home.of_stack.scope,
        f"File{digest(identity, 8)}",
        source_path=str(file.absolute()),
        asset_hash=identity,
        asset_hash_type=AssetHashType.CUSTOM,
    )
    # The command that publishes assets names temporary files by this hash when it packs directories: only files do.
    location = stack.synthesizer.add_file_asset(
        source_hash=f"{identity}/{file.stem}",
        file_name=staging.relative_staged_path(stack),
        packaging=FileAssetPackaging.FILE,
    )
    # All assets of a stack are in one bucket, and each answer names it by a token of its own, which no merge sees through.
    bucket: str = home.of_stack.shared.setdefault("assets bucket", location.bucket_name)
    key = location.object_key
    return S3Data(f"{SCHEME}{bucket}/{key}", (Objects(f"arn:{pseudo('PARTITION')}:s3:::{bucket}", key, exact=True),))
