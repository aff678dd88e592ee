"""Values that are known later and would be lost: in files that the SDK ships, and in lists that it makes of a string."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Fault
from constructs_ml.folders import tarfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_ml.sdk.placeholders import Placeholders

_WHOLE = {
    "Environment": "a mapping",
    "SecurityGroupIds": "a list",
    "Subnets": "a list",
    "Tags": "a list",
}
"""Members of requests that are read item by item, as permissions or defaults are joined with them."""
_ARCHIVES = (".tar.gz", ".tgz")


def lost_in_files(files: Mapping[str, Path], placeholders: Placeholders) -> Iterator[Fault]:
    """The values that the SDK has written into files, which are the same at every run.

    Args:
        files: The files that it uploads, by URI.
        placeholders: The values of the placeholders.
    """
    for path in files.values():
        for name, content in _contents(path):
            for value in placeholders.found_in(content):
                problem = f"is written by the SDK into {name}, a file that is shipped when the stack is deployed"
                yield Fault(value, problem, "pass it in the arguments, the hyperparameters or the environment")


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.name.endswith(_ARCHIVES) or not tarfile.is_tarfile(path):
        yield path.name, path.read_bytes()
        return
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                yield f"{path.name}/{member.name}", file.read()


def spelled_out(value: Any, placeholders: Placeholders, path: str = "") -> Iterator[Fault]:  # noqa: ANN401 - JSON
    """The lists of a request whose items are the letters of one value, and strings in the place of what is read by items.

    Args:
        value: The request, or a part of it.
        placeholders: The values of the placeholders.
        path: Where the part is.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            where = f"{path}.{key}" if path else str(key)
            if key in _WHOLE and isinstance(item, str):
                given = ", ".join(placeholders.found_in(item.encode())) or repr(item)
                yield Fault(where, f"must be {_WHOLE[key]}, got the string {given}", "pass its items one by one")
                value[key] = {} if _WHOLE[key] == "a mapping" else []
        for key, item in value.items():
            yield from spelled_out(item, placeholders, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        letters = "".join(item for item in value if isinstance(item, str) and len(item) == 1)
        meant = placeholders.found_in(letters.encode()) if len(letters) == len(value) else []
        if meant:
            yield Fault(path, f"must be a list, got the string {meant[0]}", f"pass [{meant[0]!r}]")
        for at, item in enumerate(value):
            yield from spelled_out(item, placeholders, f"{path}[{at}]")
