"""statelint finds nothing in the definitions, in either query language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType
from synth_resolve import definition_of
from synth_stacks import JsonataStack, RichStack, example_template, template_of

from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def problems(definition: dict[str, Any]) -> list[str]:
    # A FLOAT problem is a BackoffRate of 2 that is not written 2.0; JSON has only one kind of numbers.
    return Linter.validate(definition, Config(ignored_problem_types={ProblemType.FLOAT}, evaluate_jsonata=True))


@pytest.mark.parametrize("stack", [PenguinsStack, JsonataStack, RichStack])
def test_the_definition_is_valid(stack: Callable[..., Stack]) -> None:
    region = "eu-west-1"
    assert problems(definition_of(template_of(stack, region), "aws", region)) == []


def test_a_wrong_definition_is_seen() -> None:
    definition = definition_of(example_template())
    definition["States"]["Preprocess"]["Next"] = "Nowhere"
    assert problems(definition) != []
