"""The pages of the site, before its generator runs: all are in its navigation, and their links lead to pages.

`make docs` builds it, and `make docs-check` looks at it in a browser.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.each import each

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import build_site  # noqa: E402 - tools is no package
import site_markdown  # noqa: E402
import site_pages  # noqa: E402
from site_api import api_pages  # noqa: E402
from site_requests import loaded_from_elsewhere  # noqa: E402

STAGED = {**site_pages.pages(""), **api_pages()}
CONFIG: dict[str, Any] = yaml.safe_load(build_site.LOOK.read_text(encoding="utf-8"))
_LINK = re.compile(r"\[[^\[\]]+\]\(([^()\s]+)\)")
_CODE = re.compile(r"```.*?```|(?<!\[)`[^`]*`", re.DOTALL)


def listed(items: list[Any]) -> Iterator[str]:
    """The pages of a navigation."""
    for item in items:
        value = next(iter(item.values())) if isinstance(item, dict) else item
        if isinstance(value, list):
            yield from listed(value)
        else:
            yield value


def test_every_page_is_in_the_navigation_once() -> None:
    """A new guide needs a line in docs/site.yml."""
    names = list(listed(build_site.navigation(CONFIG["nav"], STAGED)))
    assert sorted(names) == sorted(STAGED)


def test_every_document_has_a_page() -> None:
    documents = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert documents <= set(STAGED)


def test_links_lead_to_pages_and_their_headings() -> None:
    """Files of the repository are named, not linked, where its address is not known."""
    for name, text in each(STAGED.items()):
        for link in _LINK.findall(_CODE.sub("", text)):
            path, _, anchor = link.partition("#")
            if re.match(r"\w+:", link):
                continue
            there = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if there.startswith("pictures/"):
                assert (ROOT / "docs" / there).is_file(), f"{name}: {link}"
                continue
            assert there in STAGED, f"{name}: {link}"
            if re.fullmatch(r"c[a-z]{2}\d{3}", anchor):
                assert f"{{ #{anchor} }}" in STAGED[there], f"{name}: {link}"


def test_files_are_linked_where_the_address_of_the_repository_is_known() -> None:
    address = "https://forge.example/team/constructs-ml/blob/v1"
    page = site_pages.pages(address)["permissions.md"]
    assert f"]({address}/constructs_ml/iam/facts.py)" in page
    assert "](../constructs_ml" not in page


def test_every_rule_has_a_heading_on_the_page_of_its_group() -> None:
    for name in ("checks", "security"):
        rules = set(re.findall(r"^### (C\w+)$", (ROOT / f"docs/{name}.md").read_text(encoding="utf-8"), re.MULTILINE))
        pages = [text for page, text in STAGED.items() if page.startswith(f"{name}/")]
        headed = re.findall(r"^## (C\w+): .+ \{ #c\w+ \}$", "\n".join(pages), re.MULTILINE)
        assert sorted(headed) == sorted(rules)
        assert len(rules) > 20


def test_every_public_name_is_on_a_page_of_the_api() -> None:
    """Those of the top and of each namespace; what is in both is shown with its family."""
    shown = set(re.findall(r"^::: constructs_ml\.(\S+)$", "\n".join(api_pages().values()), re.MULTILINE))
    spaces = {name: vars(getattr(ml, name)) for name in ml.__all__ if isinstance(getattr(ml, name), ModuleType)}
    assert len(spaces) > 10
    for space, module in each(spaces.items()):
        assert {f"{space}.{name}" for name in module["__all__"]} <= shown
    families = {name.rpartition(".")[2] for name in shown}
    assert {name for name in ml.__all__ if name not in spaces} <= families


def test_a_docstrings_marks_become_markdown() -> None:
    """References, and examples after two colons."""
    text = "Runs :class:`~constructs_ml.TrainingJob`; as::\n\n    a = 1\n\n    b = 2\n\nMore."
    expected = "Runs `TrainingJob`; as:\n\n```python\na = 1\n\nb = 2\n```\n\nMore."
    assert site_markdown.markdown(text) == expected


@pytest.mark.parametrize(
    "loading",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<img alt="" src=" HTTPS://badges.example/x.svg">',
        '<p style="background: url(https://cdn.example/x.png)">',
        "<style>@import 'https://cdn.example/x.css'</style>",
    ],
)
def test_a_page_that_loads_from_another_host_is_told(tmp_path: Path, loading: str) -> None:
    """Links to other sites are none of that."""
    (tmp_path / "good.html").write_text('<a href="https://docs.example">x</a><script src="../x.js"></script>')
    (tmp_path / "bad.html").write_text(loading)
    assert [name for name, _ in loaded_from_elsewhere(tmp_path)] == ["bad.html"]


def test_a_style_sheet_that_loads_from_another_host_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.css").write_text("a { background: url(data:image/svg+xml;base64,PHN2Zy8+) }")
    (tmp_path / "bad.css").write_text("@font-face { src: url('https://fonts.example/x.woff2') }")
    assert [name for name, _ in loaded_from_elsewhere(tmp_path)] == ["bad.css"]
