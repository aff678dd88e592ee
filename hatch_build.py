"""The package's metadata on an index, where nothing lies beside the README: its links are absolute, or none.

``CONSTRUCTS_ML_REPOSITORY`` names the folder of a release in the public repository, whose address is not known here, as
``https://HOST/OWNER/NAME/blob/v1.0.0``. Links lead there, and the project's URLs are made of it. Without it a link is its text
and the name of the file. ``CONSTRUCTS_ML_SITE`` is the address of the site that ``make docs`` builds, if there is one: it is then
the documentation, in the place of the README.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "CONSTRUCTS_ML_REPOSITORY"
SITE = "CONSTRUCTS_ML_SITE"
_RELATIVE = re.compile(r"(?P<image>!?)\[(?P<text>[^\[\]]+)\]\((?!\w+:|#)(?P<target>[^()\s]+)\)")
_OF_A_RELEASE = re.compile(r"/(?:-/)?(?:blob|src|tree)/")
_URLS = {"Documentation": "README.md", "Changelog": "CHANGELOG.md", "Security": "SECURITY.md"}


def standalone(text: str, repository: str) -> str:
    """A README whose links need no files beside it.

    Args:
        text: The README.
        repository: The address that its links are relative to; empty if there is none.
    """
    if not repository:
        return _RELATIVE.sub(lambda found: _named(found["text"], found["target"]), text)
    address = repository.rstrip("/")
    # A picture is loaded from where its bytes are, not from a page about it.
    raw = address.replace("/blob/", "/raw/")
    return _RELATIVE.sub(
        lambda found: f"{found['image']}[{found['text']}]({raw if found['image'] else address}/{found['target']})", text
    )


def _named(text: str, target: str) -> str:
    return text if text in {target, Path(target).name} else f"{text} ({target})"


def urls(repository: str, site: str) -> dict[str, str]:
    """Return the project's URLs, as far as addresses are known.

    Args:
        repository: The folder of the release in the repository.
        site: The documentation's site.
    """
    found = {name: f"{repository.rstrip('/')}/{file}" for name, file in _URLS.items() if repository}
    if repository:
        found["Source"] = _OF_A_RELEASE.split(repository)[0]
    return {**found, **({"Documentation": site} if site else {})}


class CustomMetadataHook(MetadataHookInterface):
    """Sets what pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Sets the README and, if there is an address, the project's URLs."""
        repository = os.environ.get(VARIABLE, "")
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": standalone(text, repository)}
        metadata["urls"] = urls(repository, os.environ.get(SITE, ""))
