"""Files of the user's as assets that keep their names: the hash is the folder, and the file in it has its own name.

aws-cdk-lib names an asset in S3 by its hash, and SageMaker names a file in the container by its key's last part. A container
that looks for ``configuration.json`` or imports ``helpers`` would not find it so, and a traceback would name a hash.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.core.archive import content_hash, files_of
from constructs_ml.core.shipped import Shipped, ship_file, shipped_once

if TYPE_CHECKING:
    from collections.abc import Collection

    from constructs_ml.core.context import Home
    from constructs_ml.core.s3_data import S3Data

_EPOCH = (1980, 1, 1, 0, 0, 0)


def named_file(home: Home, path: Path, *, endings: Collection[str] = ()) -> S3Data:
    """A file, or a directory as a zip file, as an object with its own name.

    Args:
        home: Where the job stands.
        path: The file or directory.
        endings: What such files end with in other versions of the stack.
    """
    files = files_of(path)
    content = content_hash(files)
    name = f"{path.name}.zip" if path.is_dir() else path.name

    def ship() -> Shipped:
        with tempfile.TemporaryDirectory() as folder:
            file = path
            if path.is_dir():
                file = Path(folder, name)
                _write_zip(files, file)
            return ship_file(home, file, content)

    return shipped_once(home, f"named {name}", content, ship).data(endings)


def _write_zip(files: dict[str, Path], archive: Path) -> None:
    """Writes a zip file, the same bytes on every machine and day."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, file.read_bytes())
