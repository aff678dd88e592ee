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
    r"\b(?:waits? by looking|must be of(?! type\b)|tells of|told of|told apart|come of|comes of|meant so|cannot be told"
    r"|must be given|(?:cannot|must not) be given|given beside|may, beside|told beside|be told|tells \w+ apart"
    r"|got (?:a|the) text|lists? of texts|texts for keys|(?:derived|computed) of|hand(?:s|ed)? on|stood in for|ends? well"
    r"|names and numbers of items|place of the execution's own|takes what is wrong|before anything runs"
    r"|(?:it|which|that) (?:is no|are no)(?! longer\b| more\b| other\b| such\b))\b",
    re.IGNORECASE,
)
"""Phrases that a reader stumbles on: "polls", "cannot be combined with", "is required", "must be a string" and the like say
the same."""
THIRD_PERSON = {
    *(
        "Acknowledges",
        "Adds",
        "Applies",
        "Asks",
        "Begins",
        "Checks",
        "Compiles",
        "Completes",
        "Declares",
        "Defines",
        "Describes",
    ),
    *(
        "Ends",
        "Finds",
        "Gets",
        "Gives",
        "Goes",
        "Grants",
        "Hands",
        "Has",
        "Joins",
        "Keeps",
        "Lets",
        "Looks",
        "Makes",
        "Notes",
    ),
    *(
        "Parses",
        "Puts",
        "Raises",
        "Reads",
        "Refuses",
        "Removes",
        "Replaces",
        "Returns",
        "Runs",
        "Sets",
        "Starts",
        "Takes",
    ),
    *("Trains", "Transforms", "Tries", "Turns", "Uses", "Warns", "Writes", "Yields"),
}
"""Verbs of functions are imperatives; those of classes may be in the third person, as aws-cdk-lib's are."""
NOUN_ARGUMENT = re.compile(r'^\s*(?:"""|[a-z_0-9*]+: )(?:What|Why|Who)\b.*', re.MULTILINE)
"""The description of an argument, an attribute or a prop that is a clause: "The training data" says "What it trains with"."""


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


def third_persons_in(source: str) -> list[str]:
    """Return the summaries of a module's functions that begin with a verb in the third person."""
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    found = ((node.lineno, ast.get_docstring(node) or "") for node in functions)
    return [f"{line}: {text.splitlines()[0]}" for line, text in found if text and text.split()[0] in THIRD_PERSON]


def dialect_in(texts_of: Iterator[tuple[int, str]]) -> list[str]:
    """Return the banned phrases in texts, across line breaks, with the lines of the texts."""
    return [f"{line}: {found}" for line, text in texts_of for found in DIALECT.findall(re.sub(r"\s+", " ", text))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_summaries_are_noun_phrases_or_imperatives(path: Path) -> None:
    """No docstring of a module, class or function begins with a clause."""
    assert clauses_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_described_by_imperatives(path: Path) -> None:
    """No docstring of a function begins with a verb in the third person."""
    assert third_persons_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arguments_are_described_by_nouns(path: Path) -> None:
    """No argument, attribute or prop is described by a clause with What, Why or Who."""
    assert NOUN_ARGUMENT.findall(path.read_text(encoding="utf-8")) == []


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
    assert third_persons_in('def f():\n    """Makes a state."""') == ["1: Makes a state."]
    assert third_persons_in('class A:\n    """Defines a job."""\n    def f(self):\n        """Make it."""') == []
    assert NOUN_ARGUMENT.findall("    Args:\n        data: What it reads.") == ["        data: What it reads."]
    assert NOUN_ARGUMENT.findall("    Args:\n        data: The data, and what it is for.") == []
    assert dialect_in(texts(ast.parse("f'{name} must be given, got the text {text}'"))) == [
        "1: must be given",
        "1: got the text",
    ]
    assert dialect_in(texts(ast.parse("'it is no job, and it is no longer one'"))) == ["1: it is no"]
    assert dialect_in(texts(ast.parse("'must be of type int, the outcome of a run'"))) == []
