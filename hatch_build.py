"""The package's metadata on an index, where nothing lies beside the README: its links are absolute, or none.

``CONSTRUCTS_ML_REPOSITORY`` names the folder of a release in the public repository, whose address is not known here, as
``https://HOST/OWNER/NAME/blob/v1.0.0``. Links lead there, and the project's URLs are made of it. Without it a link is its text
and the name of the file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "CONSTRUCTS_ML_REPOSITORY"
_RELATIVE = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?!\w+:|#)(?P<target>[^()\s]+)\)")
_URLS = {"Documentation": "README.md", "Changelog": "CHANGELOG.md", "Security": "SECURITY.md"}


def standalone(text: str, repository: str) -> str:
    """A README whose links need no files beside it.

    Args:
        text: The README.
        repository: The address that its links are relative to; empty if there is none.
    """
    if not repository:
        return _RELATIVE.sub(lambda found: _named(found["text"], found["target"]), text)
    return _RELATIVE.sub(lambda found: f"[{found['text']}]({repository.rstrip('/')}/{found['target']})", text)


def _named(text: str, target: str) -> str:
    return text if text in {target, Path(target).name} else f"{text} ({target})"


class CustomMetadataHook(MetadataHookInterface):
    """Sets what pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Sets the README and, if there is an address, the project's URLs."""
        repository = os.environ.get(VARIABLE, "")
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": standalone(text, repository)}
        metadata["urls"] = {name: f"{repository.rstrip('/')}/{file}" for name, file in _URLS.items() if repository}
