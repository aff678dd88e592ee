"""Writes constructs_ml/workflow/props.py: all props of each construct in one type, for subclasses that pass them on.

A prop is written once, in the constructor that takes it, with its annotation, default and docstring; the types are made of
these. ``python tools/write_props.py --check`` fails if the module is not that of the constructors. ``options.py`` has the types for other ways to make a construct.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from constructs_ml import tasks, workflow

ROOT = Path(__file__).parents[1]
MODULE = ROOT / "constructs_ml" / "workflow" / "props.py"
OPTIONS_MODULE = MODULE.with_name("options.py")
HEAD = '''"""All props of each construct in one type, for subclasses that take and pass on what their base does.

Written by ``tools/write_props.py`` from the constructors; change a prop there. A subclass takes them as keywords::

    class OurTrainingJob(ml.TrainingJob):
        def __init__(self, scope: Construct, construct_id: str, **props: Unpack[ml.training.TrainingJobProps]) -> None:
            props.setdefault("network_isolation", True)
            super().__init__(scope, construct_id, **props)
"""

from __future__ import annotations
'''
OPTIONS_HEAD = '''"""The props that other ways to make a construct than its constructor pass on to that.

Written by ``tools/write_props.py`` from the constructors; change a prop there.
"""

from __future__ import annotations
'''
OPTIONS = {"Workflow": ("WorkflowOptions", ("definition",))}
"""The constructs with another way to make them: the type of what it passes on, and the props that it makes itself."""
FLAGS = {"True": "yes", "False": "no"}
"""Defaults of switches in words."""


@dataclass
class Written:
    """The type of a construct's props.

    Attributes:
        name: Its name.
        base: The type of the props that the constructor passes on; None if it passes on none.
        fields: Its own props: name, annotation and docstring.
        construct: The class of the construct.
        without: The props of the construct that it does not have.
    """

    name: str
    base: str | None
    fields: list[tuple[str, str, str]]
    construct: type[Any]
    without: tuple[str, ...] = ()

    def split(self) -> list[Written]:
        """The type, after one of the props that another way to make the construct passes on, if there is one."""
        if self.construct.__name__ not in OPTIONS:
            return [self]
        name, own = OPTIONS[self.construct.__name__]
        options = Written(name, self.base, [one for one in self.fields if one[0] not in own], self.construct, own)
        return [options, Written(self.name, name, [one for one in self.fields if one[0] in own], self.construct)]


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def _module_of(cls: type[Any]) -> ast.Module:
    return _tree(str(inspect.getsourcefile(cls)))


def _constructor(cls: type[Any]) -> ast.FunctionDef | None:
    """The constructor of a class as it is written; None if it has none of its own with a scope."""
    found = next(node for node in _module_of(cls).body if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    begin = next((node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"), None)
    names = [argument.arg for argument in begin.args.args] if begin else []
    return begin if names == ["self", "scope", "construct_id"] else None


def documented(docstring: str) -> dict[str, str]:
    """The arguments of a docstring, each with its text in one line."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", inspect.cleandoc(docstring), re.MULTILINE | re.DOTALL)
    texts: dict[str, str] = {}
    for entry in re.split(r"\n(?=    \w+: )", (section[1] if section else "").rstrip()):
        name, _, text = entry.strip().partition(": ")
        texts[name] = " ".join(text.split())
    return texts


def _docstring(text: str, default: str | None) -> str:
    """The docstring of a prop: that of the argument, and its default where only the signature has it."""
    if default is not None and "Default:" not in text and default not in ("None", "()"):
        text = f"{text} Default: {FLAGS.get(default, f'``{default}``')}."
    return text


def written_of(cls: type[Any]) -> Written | None:
    """The type of a construct's props; None if what it passes on is all that it takes.

    Args:
        cls: The construct's class.
    """
    begin = _constructor(cls)
    if begin is None or not begin.args.kwonlyargs:
        return None
    texts = documented(ast.get_docstring(begin) or "")
    fields = []
    for argument, value in zip(begin.args.kwonlyargs, begin.args.kw_defaults, strict=True):
        annotation = ast.unparse(argument.annotation or ast.Name("Any"))
        default = None if value is None else ast.unparse(value)
        shown = annotation if value is not None else f"Required[{annotation}]"
        fields.append((argument.arg, shown, _docstring(texts[argument.arg], default)))
    passed_on = ast.unparse(begin.args.kwarg.annotation) if begin.args.kwarg and begin.args.kwarg.annotation else ""
    match = re.fullmatch(r"Unpack\[(\w+)\]", passed_on)
    return Written(f"{cls.__name__}Props", match[1] if match else None, fields, cls)


def constructs() -> list[type[Any]]:
    """The public constructs, wherever the package exports them."""
    found = []
    for package in (tasks, workflow):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(import_module(module.name)).items():
                if not name.startswith("_") and getattr(value, "__module__", "") == module.name:
                    found += [value] if inspect.isclass(value) and hasattr(value, "__jsii_type__") else []
    return found


def _import_of(name: str, cls: type[Any]) -> str:
    """The import of a name that the module of a class has, or that is its own."""
    for node in ast.walk(_module_of(cls)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    renamed = f" as {alias.asname}" if alias.asname else ""
                    return f"from {node.module} import {alias.name}{renamed}"
    return f"from {cls.__module__} import {name}"


def modules() -> dict[Path, str]:
    """The texts of the modules that are written."""
    types = [found for found in map(written_of, constructs()) if found is not None]
    written = [each for found in types for each in found.split()]
    options = [found for found in written if found.without]
    return {
        MODULE: text(HEAD, [found for found in written if not found.without], {found.name for found in options}),
        OPTIONS_MODULE: text(OPTIONS_HEAD, options, set()),
    }


def text(head: str, written: list[Written], options: set[str]) -> str:
    """The text of a module.

    Args:
        head: Its beginning.
        written: The types in it.
        options: The names of the types in ``options.py``.
    """
    written = sorted(written, key=lambda found: found.name)
    bases = {
        f"from constructs_ml.workflow.options import {found.base}"
        if found.base in options
        else _import_of(found.base, found.construct)
        for found in written
        if found.base is not None
    }
    used = set()
    for found in written:
        for _, annotation, _ in found.fields:
            names = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
            builtin = {"str", "int", "float", "bool", "type", "Required"}
            used |= {_import_of(name, found.construct) for name in names - builtin}
    any_required = any(annotation.startswith("Required[") for found in written for _, annotation, _ in found.fields)
    typing = "from typing import TYPE_CHECKING, " + ", ".join(sorted({"TypedDict"} | _named(used, "typing")))
    checked = sorted({one for one in used if not one.startswith("from typing import")} - bases)
    if any_required:
        checked.insert(0, "from typing_extensions import Required")
    lines = [head, typing, "", *sorted(bases), "", "if TYPE_CHECKING:", *(f"    {one}" for one in checked)]
    for found in written:
        base = found.base or "TypedDict"
        lines += ["", "", f"class {found.name}({base}, total=False):"]
        but = f" but {', '.join(found.without)}" if found.without else ""
        lines += [f'    """All props of a :class:`~constructs_ml.{found.construct.__name__}`{but}."""', ""]
        for name, annotation, docstring in found.fields:
            lines.append(f"    {name}: {annotation}")
            lines += textwrap.wrap(
                f'"""{docstring}"""',
                116,
                initial_indent="    ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return _formatted("\n".join(lines) + "\n")


def _named(imports: set[str], module: str) -> set[str]:
    start = f"from {module} import "
    return {one.removeprefix(start) for one in imports if one.startswith(start)}


def _formatted(code: str) -> str:
    """The code in the project's style, its imports in order."""
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        ruff = [str(Path(sys.executable).with_name("ruff")), *command, "--stdin-filename", str(MODULE), "-"]
        code = subprocess.run(ruff, input=code, capture_output=True, text=True, check=True).stdout
    return code


def main() -> int:
    """Writes the modules, or checks them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the modules are as they should be")
    check = parser.parse_args().check
    stale = {
        file: code for file, code in modules().items() if not file.exists() or file.read_text(encoding="utf-8") != code
    }
    for file, code in stale.items():
        if check:
            print(f"{file.relative_to(ROOT)} is not that of the constructors; run python tools/write_props.py")
        else:
            file.write_text(code, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
