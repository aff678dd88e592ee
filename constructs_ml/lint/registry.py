"""The registry of rules, found in the modules of their packages."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from constructs_ml.lint import rules
from constructs_ml.lint.rule import Rule, RuleInfo, TemplateRule

if TYPE_CHECKING:
    from types import ModuleType

AnyRule = TypeVar("AnyRule", bound=RuleInfo)


@cache
def all_rules() -> tuple[Rule | TemplateRule, ...]:
    """Return every rule, by id.

    Raises:
        ValueError: If two rules share an id.
    """
    return tuple(sorted((*machine_rules(), *template_rules()), key=lambda each: each.id))


@cache
def machine_rules() -> tuple[Rule, ...]:
    """Return the rules about state machines, by id."""
    return rules_in(rules, Rule)


@cache
def template_rules() -> tuple[TemplateRule, ...]:
    """Return the rules about other resources of a template, by id."""
    return rules_in(rules, TemplateRule)


def rules_in(package: ModuleType, kind: type[AnyRule]) -> tuple[AnyRule, ...]:
    """Return the rules of a kind in the modules of a package, by id.

    Raises:
        ValueError: If two rules share an id.
    """
    found: dict[str, AnyRule] = {}
    for module in _modules_of(package):
        for value in vars(module).values():
            if isinstance(value, kind) and found.setdefault(value.id, value) is not value:
                raise ValueError(f"two rules have the id {value.id}")
    return tuple(found[name] for name in sorted(found))


@cache
def _modules_of(package: ModuleType) -> tuple[ModuleType, ...]:
    """Import and return all modules of a package."""
    # A module's objects live as long as the process: collecting garbage here would take a third longer.
    collects = gc.isenabled()
    gc.disable()
    try:
        found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        return tuple(importlib.import_module(module.name) for module in found)
    finally:
        if collects:
            gc.enable()
