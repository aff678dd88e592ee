"""statelint finds nothing in the definitions, in either query language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from every_stack import HandedInStack, JsonataHandedInStack
from support.second_opinion import statelint_problems
from synth_resolve import definition_of
from synth_stacks import JsonataStack, RichStack, example_template, template_of

from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


@pytest.mark.parametrize("stack", [PenguinsStack, JsonataStack, RichStack, HandedInStack, JsonataHandedInStack])
def test_the_definition_is_valid(stack: Callable[..., Stack]) -> None:
    region = "eu-west-1"
    assert statelint_problems(definition_of(template_of(stack, region), "aws", region)) == []


def test_a_wrong_definition_is_seen() -> None:
    definition = definition_of(example_template())
    definition["States"]["Preprocess"]["Next"] = "Nowhere"
    assert statelint_problems(definition) != []
