"""The pages of the API: one for each namespace, with the names of its stub, and a list of all names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from site_markdown import markdown
from site_pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = ROOT / "constructs_ml"
TOP = "constructs_ml"
BESIDE = ("errors", "insight", "testing", "local")
"""Public modules without a stub: their names are those of ``__all__``."""


@dataclass(frozen=True)
class Namespace:
    """A public module.

    Attributes:
        name: What users import it by.
        about: Its docstring.
        names: Its public names, each with the first line of its docstring.
    """

    name: str
    about: str
    names: dict[str, str]

    @property
    def page(self) -> str:
        """The name of its page."""
        return f"api/{self.name.rpartition('.')[2]}.md"


def namespaces() -> list[Namespace]:
    """Return the public modules, the package itself first."""
    found = [Namespace(TOP, _about(PACKAGE / "__init__.py"), _imported(PACKAGE / "__init__.pyi"))]
    found += [
        Namespace(f"{TOP}.{stub.stem}", _about(stub.with_suffix(".py")), _imported(stub))
        for stub in sorted(PACKAGE.glob("*.pyi"))
        if stub.stem != "__init__"
    ]
    for module in BESIDE:
        file = _source(module)
        names = {name: _summary(file, name) for name in _exported(file)}
        found.append(Namespace(f"{TOP}.{module}", _about(file), names))
    return found


def api_pages() -> dict[str, str]:
    """Return the text of each page, by its name."""
    found = namespaces()
    homes = {name: space for space in reversed(found[1:]) for name in space.names}
    pages = {"api/index.md": _index(found, homes)}
    for space in found:
        # A name that is at the top too is shown with its family.
        own = [name for name in space.names if space.name != TOP or name not in homes]
        blocks = [f"::: {space.name}.{name}\n" for name in own]
        pages[space.page] = f"# {space.name}\n\n{markdown(space.about)}\n\n" + "\n".join(blocks)
    return pages


def _index(found: list[Namespace], homes: dict[str, Namespace]) -> str:
    """Return the list of all names: those of the package by themselves, as most workflows need no others."""
    lines = [
        "# All names",
        "Names of a first workflow are at the top of the package, `ml.TrainingJob`; each other is in the namespace of its family,",
        "`ml.tuning.Objective`. `ml` is `import constructs_ml as ml`; `ml.testing`, `ml.local` and `ml.errors` are imported by their names.",
    ]
    for space in found:
        title = "ml" if space.name == TOP else f"ml{space.name.removeprefix(TOP)}"
        lines += ["", f"## {title}", markdown(space.about).partition("\n\n")[0], "", "| name | |", "|---|---|"]
        for name, summary in space.names.items():
            if space.name != TOP and name in found[0].names:
                continue
            home = homes.get(name, space) if space.name == TOP else space
            lines.append(f"| [`{name}`][{home.name}.{name}] | {markdown(summary)} |")
    return "\n".join(lines) + "\n"


def _imported(stub: Path) -> dict[str, str]:
    """Return the names that a stub imports from modules of the package, with the first lines of their docstrings."""
    nodes = [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return {
        item.name: _summary(_source(node.module), item.name) for node in nodes if node.module for item in node.names
    }


def _exported(file: Path) -> list[str]:
    """Return the names in a module's ``__all__``."""
    for node in _parsed(file).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    message = f"{file} has no __all__"
    raise ValueError(message)


def _summary(file: Path, name: str) -> str:
    """Return the first line of the docstring of a name, where a module defines it or imports it from."""
    for node in _parsed(file).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
            return (ast.get_docstring(node) or "").partition("\n")[0]
        if isinstance(node, ast.ImportFrom) and node.module and any(item.name == name for item in node.names):
            return _summary(_source(node.module.removeprefix(f"{TOP}.")), name)
    return ""


def _about(file: Path) -> str:
    return ast.get_docstring(_parsed(file)) or ""


def _source(module: str) -> Path:
    """Return the file of a module of the package, by its name below it."""
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
