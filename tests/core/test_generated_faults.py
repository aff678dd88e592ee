"""Each way to break each member of a request is one clear error of the construct, which names the prop.

The ways are generated from botocore's model (``tests/support/samples.py``): types, enums, patterns, bounds, lengths,
members that are missing or unknown. They are put into the requests of constructs that are otherwise right. That the prop
is the right one is told from the construct: without the prop the place at fault has another value.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.broken import Right, broken, place, shown
from support.each import each
from support.full_hosting import FULL as HOSTING
from support.full_jobs import FULL as JOBS
from support.full_registry import FULL as REGISTRY
from support.full_world import World
from support.samples import nodes, wrong_values

import constructs_ml as ml
from constructs_ml.asl.expressions import Runtime
from constructs_ml.errors import FindingKind
from constructs_ml.sagemaker.model import input_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import Stack
    from support.broken import Keys

    from constructs_ml.errors import Fault

FULL = {**JOBS, **HOSTING, **REGISTRY}
READ_ONLY = ("SelectedInstanceType", "SelectedInstanceCount")
"""Given by the Describe calls; the Create calls do not take them, though the shape is the same."""
BUILT_LISTS = ("AutoMLJobInputDataConfig", "InferenceSpecification.Containers", "ProductionVariants")
"""What ``training=`` and ``validation=``, ``image=`` or ``model=`` are the items of: no prop is a list of them."""


class Case(NamedTuple):
    """A way to break a request.

    Attributes:
        operation: Whose request it is.
        steps: Where in it the wrong value is put.
        value: The wrong value.
        suffix: The member of the wrong value that is missing or unknown; empty for the value itself.
        rule: What is wrong.
        built: Whether a structure is at fault, which no user writes but in ``request_overrides``.
    """

    operation: str
    steps: tuple[str, ...]
    value: Any
    suffix: str
    rule: FindingKind
    built: bool

    def __str__(self) -> str:
        return f"{self.operation}-{'.'.join(filter(None, (*self.steps, self.suffix)))}-{self.rule.value}"


def cases(operation: str) -> Iterator[Case]:
    for steps, shape in nodes(input_shape(operation)):
        for suffix, rule, wrong in wrong_values(shape):
            missing = rule is FindingKind.REQUIRED
            at_fault = shape.members[suffix] if missing else shape
            value = {suffix: None if missing else 1} if suffix and not steps else wrong
            if not steps or steps[-1] not in READ_ONLY:
                yield Case(operation, steps, value, suffix, rule, at_fault.type == "structure")


CASES = [case for operation in FULL for case in cases(operation)]


@cache
def shared_stack() -> Stack:
    from aws_cdk import App, Stack

    return Stack(App(analytics_reporting=False), "Faulty")


@cache
def right(operation: str) -> list[Right]:
    """Constructs that set everything between them."""
    from constructs import Construct

    construct, full = FULL[operation]
    home = Construct(shared_stack(), operation)
    return [Right(construct, home, props) for props in full(World(home))]


def ways(case: Case) -> dict[frozenset[str], tuple[Right, Keys]]:
    """The constructs that set the place at fault, and the place; by the props that it is of."""
    found = {}
    for one in right(case.operation):
        keys = place(one.request, case.steps)
        if keys is not None:
            at_fault = (*keys, case.suffix) if case.rule is FindingKind.REQUIRED else keys
            found.setdefault(one.owners_of(at_fault), (one, keys))
    # Without a prop of its own a value is the library's, or of a prop that the construct cannot do without.
    library, others = found.pop(frozenset(), None), found
    if library and not others:
        others[frozenset(library[0].unremovable)] = library
    return others


def has_runtime_values(value: Any) -> bool:
    """Return whether a structure has values of the pure core, which ``request_overrides`` do not take."""
    if isinstance(value, dict):
        return any(has_runtime_values(item) for item in value.values())
    return any(map(has_runtime_values, value)) if isinstance(value, list) else isinstance(value, Runtime)


def wrong_in(case: Case, request: Any, keys: Keys) -> Any:
    """The wrong value, of what stands in the request where that is a structure or a list, so that the rest still agrees."""
    value = request
    for key in keys:
        value = value[key]
    if keys and case.suffix and isinstance(value, dict) and not has_runtime_values(value):
        return {**value, case.suffix: None if case.rule is FindingKind.REQUIRED else 1}
    if case.rule is FindingKind.LENGTH and isinstance(value, list) and value and case.value:
        return [value[0]] * len(case.value)
    return case.value


@pytest.mark.parametrize("operation", FULL)
def test_each_way_to_break_a_request_is_one_error_that_names_the_prop(operation: str) -> None:
    """Or, for a structure that has no prop of its own, the member that ``request_overrides`` names."""
    missed = {}
    for case in each(cases(operation)):
        try:
            check(case)
        except (AssertionError, ValueError, pytest.fail.Exception) as error:
            missed[str(case)] = repr(error)
    assert missed == {}


def check(case: Case) -> None:
    found = ways(case)
    assert found
    for props, (one, keys) in found.items():
        with pytest.raises(ml.InvalidPropsError) as caught:
            one.made(request_overrides=broken(one.request, keys, wrong_in(case, one.request, keys)))
        (fault,) = caught.value.faults
        assert str(caught.value) == f"Faulty/{case.operation}/Job: {fault}"
        if prop_of(fault) not in props:
            assert case.built or fault.member in BUILT_LISTS
            assert fault.member == shown((*keys, case.suffix))


def prop_of(fault: Fault) -> str:
    start = re.match(r"(?:the key .* of )?(\w+)", fault.member, re.DOTALL)
    assert start
    return start[1]


def test_there_are_thousands_of_ways() -> None:
    """Of every request that the library sends."""
    assert len(CASES) > 4000
