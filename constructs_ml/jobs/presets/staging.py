"""Files of the user's as assets that keep their names, for containers that find files by name.

aws-cdk-lib names an asset in S3 by its hash. A container that looks for ``configuration.json`` or imports ``helpers`` does
not find it so: here the hash is the folder, and the file in it has its own name.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.access.job_role import Objects
from constructs_ml.asl.names import digest
from constructs_ml.errors import LinkError
from constructs_ml.jobs.archive import content_hash, files_of
from constructs_ml.jobs.data import SCHEME, S3Data
from constructs_ml.jobs.home import pseudo
from constructs_ml.sagemaker.dynamic import is_dynamic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_ml.errors import Faults
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


def named_json(home: Home, name: str, value: Any) -> S3Data:  # noqa: ANN401 - any JSON
    """A JSON file of a value, the same bytes for the same value."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(json.dumps(value, indent=1, sort_keys=True), encoding="utf-8")
        return named_file(home, path)


def known_later(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """The paths of the values that are known only after synth: a file cannot hold them."""
    if is_dynamic(value):
        yield path or "the configuration"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from known_later(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from known_later(item, f"{path}[{at}]")


def staged_all(home: Home, prop: str, given: Sequence[str | Path | S3Data], faults: Faults) -> list[S3Data]:
    """Files that are given as paths of this machine or places in S3, all in S3.

    Args:
        home: Where the job stands.
        prop: The prop that they are given in.
        given: The files.
        faults: Takes those that do not exist.
    """
    found = []
    for item in given:
        if isinstance(item, S3Data):
            found.append(item)
        elif str(item).startswith(SCHEME):
            found.append(S3Data.from_uri(str(item)))
        elif Path(item).exists():
            try:
                found.append(named_file(home, Path(item)))
            except LinkError as error:
                faults.add(prop, f"cannot be shipped: {error}")
        else:
            fix = "check the path: it is relative to the folder that the app runs in"
            faults.add(prop, f"must exist, got {str(item)!r}, which does not in {Path.cwd().name}/", fix)
    return found


def below(place: S3Data, name: str) -> S3Data:
    """An object in a place."""
    from constructs_ml.asl.expressions import Format, join

    last = place.location.parts[-1] if isinstance(place.location, Format) else place.location
    slash = "" if isinstance(last, str) and last.endswith("/") else "/"
    return S3Data(join(place.location, f"{slash}{name}"), place.objects)


def json_of(value: Mapping[str, Any]) -> str:
    """A value as one line of JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


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
