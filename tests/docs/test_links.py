"""Links in the documents lead somewhere: in the repository, and on a package index."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.each import each

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(text: str) -> list[str]:
    return _LINK.findall(_CODE.sub("", text))


def anchors(text: str) -> set[str]:
    """What a link to a heading ends in, as renderers of Markdown make it."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    named = re.findall(r'<a (?:id|name)="([^"]+)"', text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(named)


LINKED = [document for document in DOCUMENTS if links(document.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("document", LINKED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in each(links(document.read_text(encoding="utf-8"))):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert target.resolve().is_relative_to(ROOT), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def _metadata(field: str, **environment: str) -> str:
    """A field of the metadata as the package is built."""
    command = [sys.executable, "-m", "hatchling", "metadata", field]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_readme_on_an_index_has_no_link_that_breaks() -> None:
    readme = _metadata("readme", CONSTRUCTS_ML_REPOSITORY="")
    assert [link for link in links(readme) if not re.match(r"\w+:|#", link)] == []
    assert "Running locally (docs/local.md) says what is simulated" in readme
    assert "pip install 'constructs-ml[local,testing]'" in readme


def test_its_links_are_absolute_where_the_address_is_known() -> None:
    address = "https://forge.example/team/constructs-ml/blob/v1"
    readme = _metadata("readme", CONSTRUCTS_ML_REPOSITORY=address)
    assert f"[Running locally]({address}/docs/local.md)" in readme
    assert all(re.match(r"\w+:|#", link) for link in links(readme))
    # A picture is loaded from its bytes.
    assert "](https://forge.example/team/constructs-ml/raw/v1/docs/pictures/census.svg)" in readme
    assert f"{address}/CHANGELOG.md" in _metadata("urls", CONSTRUCTS_ML_REPOSITORY=address)


def test_the_urls_of_the_project_are_those_of_its_release_and_its_site() -> None:
    release = "https://forge.example/team/constructs-ml/blob/v1"
    known = json.loads(_metadata("urls", CONSTRUCTS_ML_REPOSITORY=release, CONSTRUCTS_ML_SITE="https://docs.example/"))
    assert known["Documentation"] == "https://docs.example/"
    assert known["Source"] == "https://forge.example/team/constructs-ml"
    assert known["Security"] == f"{release}/SECURITY.md"
    assert _metadata("urls", CONSTRUCTS_ML_REPOSITORY="", CONSTRUCTS_ML_SITE="").strip() in {"", "{}", "null"}
