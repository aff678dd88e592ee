"""Keeps the templates of a release, which the next one is compared with. Run: ``make release-templates``.

They are of the version in pyproject.toml, go to ``tests/upgrades/<version>/`` and take the place of those of the release before:
if no release replaces anything of the one before it, none replaces anything of any.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

KEPT = Path(__file__).parents[1] / "tests" / "upgrades"
sys.path.insert(0, str(KEPT))

from kept_apps import APPS, templates  # noqa: E402


def keep(name: str, folder: Path) -> None:
    """Write the templates of an app.

    Args:
        name: The app's.
        folder: The release's.
    """
    for path, template in templates(name).items():
        file = folder / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(template, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Write the templates of all apps."""
    release = KEPT / version("constructs-ml")
    if release.exists():
        sys.exit(
            f"the templates of {release.name} are kept already; change the version in pyproject.toml, and `make setup`"
        )
    for name in APPS:
        keep(name, release)
    for folder in KEPT.glob("*.*.*/"):
        if folder != release:
            shutil.rmtree(folder)
    print(f"{len(APPS)} apps: {release}")


if __name__ == "__main__":
    main()
