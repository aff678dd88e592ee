"""Builds the documentation's site into ``site``: stages the pages in ``.cache/docs/source``, then runs the generator.

The pages are the README, the guides and the decisions as they stand in the repository; this stages them so that links between
them are links of the site. What only the site has is written here: a page of the API for each namespace, one for each group
of rules, and the list of decisions. Needs nothing but the standard library, PyYAML and this package's source, and no network.

``CONSTRUCTS_ML_REPOSITORY`` is the address that links to files of the repository are relative to, as in ``hatch_build.py``, and
``CONSTRUCTS_ML_SITE`` that of the site; a build without them has no address in it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from typing import Any

import yaml
from site_api import api_pages
from site_pages import ROOT, pages
from site_requests import loaded_from_elsewhere

WORK = ROOT / ".cache" / "docs"
SOURCE = WORK / "source"
BUILT = WORK / "site"
CONFIG = WORK / "mkdocs.yml"
SITE = ROOT / "site"
LOOK = ROOT / "docs" / "site.yml"


def navigation(items: list[Any], staged: dict[str, str]) -> list[Any]:
    """The navigation of docs/site.yml, with the pages of a folder in the place of ``folder/``.

    Args:
        items: The entries of a level.
        staged: The pages by their names.
    """
    found: list[Any] = []
    for item in items:
        if isinstance(item, dict):
            ((title, value),) = item.items()
            found.append({title: navigation(value, staged) if isinstance(value, list) else value})
        elif item.endswith("/"):
            found += sorted(name for name in staged if name.startswith(item) and name != f"{item}index.md")
        else:
            found.append(item)
    return found


def stage() -> dict[str, str]:
    """Writes the pages and the generator's configuration, and returns the pages by their names."""
    repository = os.environ.get("CONSTRUCTS_ML_REPOSITORY", "")
    staged = {**pages(repository), **api_pages()}
    shutil.rmtree(SOURCE, ignore_errors=True)
    for name, text in staged.items():
        (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
        (SOURCE / name).write_text(text, encoding="utf-8")
    for folder in ("pictures", "stylesheets"):
        shutil.copytree(ROOT / "docs" / folder, SOURCE / folder)
    shutil.copytree(ROOT / "docs" / "theme", WORK / "theme", dirs_exist_ok=True)
    config = yaml.safe_load(LOOK.read_text(encoding="utf-8"))
    config |= {"docs_dir": SOURCE.name, "site_dir": BUILT.name, "nav": navigation(config["nav"], staged)}
    (handlers,) = [plugin["mkdocstrings"]["handlers"] for plugin in config["plugins"] if "mkdocstrings" in plugin]
    handlers["python"]["paths"] = [str(ROOT)]
    if address := os.environ.get("CONSTRUCTS_ML_SITE"):
        config["site_url"] = address
    CONFIG.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return staged


def main() -> int:
    """Builds the site; a warning is an error, and so is a page that loads something from elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--generator", default=str(WORK / "env" / "bin" / "zensical"), help="the command that builds it"
    )
    generator = parser.parse_args().generator
    stage()
    shutil.rmtree(BUILT, ignore_errors=True)
    done = subprocess.run(
        [generator, "build", "--strict", "--clean", "--config-file", str(CONFIG)], cwd=WORK, check=False
    )
    if done.returncode:
        return done.returncode
    if elsewhere := list(loaded_from_elsewhere(BUILT)):
        for page, address in elsewhere:
            print(f"{page} loads {address}, and a page loads nothing from another host", file=sys.stderr)
        return 1
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.move(BUILT, SITE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
