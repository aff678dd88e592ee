"""Writes the pictures in docs/pictures: the workflow of the README, and a state machine with everything that a picture shows.

``python tools/write_pictures.py``; a test compares them with what is drawn today.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
_BLOCK = re.compile(r"```(python|json)\n(.*?)```", re.DOTALL)


def pictures() -> dict[str, str]:
    """Return the text of each picture, by the name of its file."""
    readme = [
        text for kind, text in _BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")) if kind == "python"
    ]
    guide = (ROOT / "docs/insight.md").read_text(encoding="utf-8")
    (definition,) = [json.loads(text) for kind, text in _BLOCK.findall(guide) if kind == "json"]
    return {"census.svg": _census(readme[0]), "nightly.svg": ml.insight.draw(definition, data=True).svg}


def _census(app: str) -> str:
    """Draw the README's workflow. Nothing of it depends on the folder that its scripts are in."""
    with _scripts():
        world: dict[str, Any] = {"__name__": "census"}
        exec(app.partition("\napp = App()")[0], world)  # noqa: S102 - our own README
        return ml.insight.draw(world["CensusStack"](App(), "Census")).svg


@contextlib.contextmanager
def _scripts() -> Iterator[None]:
    """Work in a folder that has the README's scripts."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "src").mkdir()
        for name in ("preprocess.py", "train.py"):
            (Path(folder) / "src" / name).touch()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    for name, text in pictures().items():
        (PICTURES / name).write_text(text, encoding="utf-8")
