"""Every rule finds its bad example and lets its good one pass; each is documented and numbered."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.each import each

from constructs_ml.lint import Violation, all_rules, check_definition, check_template, rules
from constructs_ml.lint.rule import Rule, TemplateRule

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES = all_rules()


def found_in(example: Mapping[str, Any]) -> list[Violation]:
    """What is wrong with an example: a definition, or a template."""
    plain = json.loads(json.dumps(example))
    return check_template(plain) if "Resources" in plain else check_definition(plain)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_breaks_the_rule(rule: Rule | TemplateRule) -> None:
    """What a rule is there to find is found by it, and by no other rule."""
    assert {found.rule for found in found_in(rule.bad)} == {rule.id}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_good_example_breaks_no_rule(rule: Rule | TemplateRule) -> None:
    """The same put right passes all rules."""
    assert [str(found) for found in found_in(rule.good)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_violation_says_where_what_and_how(rule: Rule | TemplateRule) -> None:
    """A message is one line that says what is wrong; it does not end in a full stop."""
    for found in each(found_in(rule.bad)):
        assert found.problem
        assert "\n" not in found.message
        assert not found.message.endswith((".", "; "))
        assert "${Token[" not in found.message


def test_one_rule_is_one_file_with_its_id() -> None:
    """``CML001`` stands in ``cml001_….py``, and nothing else does."""
    homes = {}
    for module in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
        found = {
            value.id
            for value in vars(importlib.import_module(module.name)).values()
            if isinstance(value, (Rule, TemplateRule))
        }
        name = module.name.rpartition(".")[2]
        if name.startswith("cml"):
            assert found == {name.split("_")[0].upper()}, module.name
            homes[name] = found
        else:
            assert found == set(), module.name
    assert len(homes) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_for(rule: Rule | TemplateRule) -> None:
    """Its title is a line without a full stop, its reason is in sentences."""
    assert re.fullmatch(r"CML\d{3}", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert "\n" not in rule.title
    assert rule.reason.endswith((".", ")"))
