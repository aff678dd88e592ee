"""The English of the package and of its documents: house rules that a machine can hold (docs/development.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "constructs_ml").rglob("*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CLAUSES = {"How", "If", "That", "What", "When", "Where", "Whether", "Which", "Who", "Whose", "Why"}
"""The words that begin a clause rather than a noun phrase or an imperative."""
DIALECT = re.compile(
    r"\b(?:waits? by looking|must not be given beside|must be of(?! type\b)|tells of|told of|told apart|come of|comes of"
    r"|meant so|cannot be told)\b",
    re.IGNORECASE,
)
"""Phrases that a reader stumbles on: "polls", "cannot be combined with", "must be one of" and the like say the same."""


def summaries(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the summary of every docstring, with the line of its owner."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text.splitlines()[0]


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every string literal, docstrings and parts of f-strings too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def clauses_in(source: str) -> list[str]:
    """Return the summaries of a module that begin with a clause."""
    return [f"{line}: {text}" for line, text in summaries(ast.parse(source)) if re.match(r"\w*", text)[0] in CLAUSES]  # type: ignore[index]


def dialect_in(texts_of: Iterator[tuple[int, str]]) -> list[str]:
    """Return the banned phrases in texts, across line breaks, with the lines of the texts."""
    return [f"{line}: {found}" for line, text in texts_of for found in DIALECT.findall(re.sub(r"\s+", " ", text))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_summaries_are_noun_phrases_or_imperatives(path: Path) -> None:
    """No docstring of a module, class or function begins with a clause."""
    assert clauses_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_the_package_is_in_dialect(path: Path) -> None:
    """No string literal, f-string or docstring has one of the phrases."""
    assert dialect_in(texts(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_is_in_dialect(path: Path) -> None:
    """Neither has README.md or a page of docs, generated ones included."""
    assert dialect_in(iter([(1, path.read_text(encoding="utf-8"))])) == []


def test_each_rule_can_be_broken() -> None:
    """A clause and a phrase are found where they are, also in an f-string and over a line break."""
    assert clauses_in('"""Whether it holds."""') == ["1: Whether it holds."]
    assert clauses_in('class A:\n    def f(self):\n        """What is kept."""') == ["2: What is kept."]
    assert clauses_in('"""Whatever holds."""') == []
    assert dialect_in(texts(ast.parse("f'{name} must be of {kinds}'"))) == ["1: must be of"]
    assert dialect_in(texts(ast.parse('"""It waits by\nlooking."""'))) == ["1: waits by looking"]
    assert dialect_in(texts(ast.parse("'must be of type int, the outcome of a run'"))) == []
