"""cdk-nag, with all its packs, finds nothing in any stack that is not acknowledged with a reason; and it does look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from every_stack import EVERY_STACK
from support.nag import PACKS, Finding, Taken, findings
from synth_stacks import CONTEXT, REGIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    Found = Callable[[str, str | None], list[Finding]]

CASES = [
    *((stack, region) for stack in ("example", "rich") for region in REGIONS.values()),
    *((stack, None) for stack in EVERY_STACK),
    *((stack, "eu-west-1") for stack in EVERY_STACK if stack not in ("example", "rich")),
]


@pytest.fixture(scope="session")
def found() -> Found:
    """The findings of all packs in a stack; each stack is synthesized once for a region."""
    known: dict[tuple[str, str | None], list[Finding]] = {}

    def find(stack: str, region: str | None) -> list[Finding]:
        if (stack, region) not in known:
            known[stack, region] = findings(EVERY_STACK[stack], CONTEXT, region=region)
        return known[stack, region]

    return find


@pytest.mark.parametrize(("stack", "region"), CASES, ids=[f"{stack}-{region or 'any'}" for stack, region in CASES])
@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_finds_nothing(found: Found, stack: str, region: str | None, pack: str) -> None:
    """Neither an error nor a warning."""
    assert [finding for finding in found(stack, region) if finding.pack == pack] == []


@pytest.mark.parametrize("stack", EVERY_STACK)
def test_each_acknowledgement_is_needed(monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    """Without those of the library, each would be a finding, and nothing else would be one."""
    taken = Taken.instead(monkeypatch)
    unacknowledged = findings(EVERY_STACK[stack], CONTEXT)

    def answers(path: str, name: str) -> list[Finding]:
        return [one for one in unacknowledged if one.rule == name and f"{one.path}/".startswith(f"{path}/")]

    assert [item for item in taken.acknowledged if not answers(*item)] == []
    assert {one for item in taken.acknowledged for one in answers(*item)} == set(unacknowledged)


def test_every_pack_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finds something when the library acknowledges nothing."""
    Taken.instead(monkeypatch)
    assert {finding.pack for finding in findings(EVERY_STACK["rich"], CONTEXT)} == set(PACKS)
