"""Every rule of the security pack finds its bad example and lets its good one pass; each is documented and numbered."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.each import each

from constructs_ml.lint import Violation, security
from constructs_ml.lint.security.control import CONTROLS
from constructs_ml.lint.security.pack import check_security, security_rules
from constructs_ml.lint.security.rule import SecurityRule

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES = security_rules()
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def found_in(example: Mapping[str, Any]) -> list[Violation]:
    """What the pack has against an example, read as JSON."""
    return check_security(json.loads(json.dumps(example)))


@every_rule
def test_the_bad_example_breaks_the_rule(rule: SecurityRule) -> None:
    """What a rule is there to find is found by it, and by no other rule of the pack."""
    found = found_in(rule.bad)
    assert {violation.rule for violation in found} == {rule.id}
    assert {violation.severity for violation in found} == {rule.severity}


@every_rule
def test_the_good_example_breaks_no_rule(rule: SecurityRule) -> None:
    """The same put right passes the whole pack."""
    assert [str(found) for found in found_in(rule.good)] == []


@every_rule
def test_a_violation_says_where_what_and_how(rule: SecurityRule) -> None:
    """A message is one line that names the member and what to do; it does not end in a full stop."""
    for found in each(found_in(rule.bad)):
        assert found.problem
        assert found.fix
        assert found.member
        assert "\n" not in found.message
        assert not found.message.endswith((".", "; "))
        assert "${Token[" not in found.message


def test_one_rule_is_one_file_with_its_id() -> None:
    """``CMS001`` stands in ``cms001_….py``, and no rule stands elsewhere."""
    homes = {}
    for module in pkgutil.walk_packages(security.__path__, f"{security.__name__}."):
        values = vars(importlib.import_module(module.name)).values()
        name = module.name.rpartition(".")[2]
        found = {value.id for value in values if isinstance(value, SecurityRule)}
        assert found == ({name.split("_")[0].upper()} if name.startswith("cms") else set()), module.name
        homes[name] = found
    assert sum(map(len, homes.values())) == len(RULES)


@every_rule
def test_a_rule_says_what_it_is_for(rule: SecurityRule) -> None:
    """Its title is a line without a full stop, its reason is in sentences and names its source, and it serves a control."""
    assert re.fullmatch(r"CMS\d{3}", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert "\n" not in rule.title
    assert "Source: " in rule.reason
    assert rule.reason.endswith(".")
    assert rule.controls


def test_every_control_is_served() -> None:
    """The list of controls has none that no rule serves."""
    assert {control for rule in RULES for control in rule.controls} == set(CONTROLS.values())
