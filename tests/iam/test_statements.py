"""Statements are merged without granting more or less."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.policies import allows

from constructs_ml.iam.statements import Statement, document, merge

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
RESOURCES = ("arn:aws:s3:::a", "arn:aws:s3:::a/x/*", "arn:aws:s3:::b/*", "*")
ASKED = ("arn:aws:s3:::a", "arn:aws:s3:::a/x/1", "arn:aws:s3:::a/y", "arn:aws:s3:::b/1")
KEYS = ("s3:prefix", "kms:ViaService")
VALUES = ("x/*", "y/1", "z")
CONTEXTS = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value is not None}
    for values in itertools.product((None, "x/1", "y/1", "z"), repeat=2)
]


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "StringNotEquals"]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES) | some(VALUES).map(list), min_size=1, max_size=2),
    max_size=2,
)
STATEMENTS = st.lists(st.builds(Statement, some(ACTIONS), some(RESOURCES), CONDITIONS), max_size=6)


@given(STATEMENTS)
def test_merging_grants_neither_more_nor_less(statements: list[Statement]) -> None:
    """Every action on every resource in every context is decided as before."""
    merged = merge(statements)

    for action, resource, context in itertools.product(ACTIONS, ASKED, CONTEXTS):
        before = allows(statements, action, resource, context)
        assert allows(merged, action, resource, context) is before, (action, resource, context)


@given(STATEMENTS)
def test_merging_is_done_after_one_round(statements: list[Statement]) -> None:
    """A policy that grows job by job is the same as one written at once."""
    assert len(merge(statements)) <= len(statements)
    assert merge(merge(statements)) == merge(merge(merge(statements)))


def test_resources_of_the_same_actions_are_joined_in_order() -> None:
    """And each stands once."""
    one, two = Statement(("s3:GetObject",), ("b", "a")), Statement(("s3:GetObject",), ("a", "c"))

    assert merge([one, two]) == [Statement(("s3:GetObject",), ("b", "a", "c"))]


def test_actions_on_the_same_resources_are_joined() -> None:
    """Whatever the order of the resources."""
    one, two = Statement(("s3:GetObject",), ("a", "b")), Statement(("s3:PutObject",), ("b", "a"))

    assert merge([one, two]) == [Statement(("s3:GetObject", "s3:PutObject"), ("a", "b"))]


def test_the_values_of_one_condition_are_joined() -> None:
    """The values of a condition are alternatives."""
    merged = merge(
        [Statement(("s3:ListBucket",), ("a",), {"StringLike": {"s3:prefix": value}}) for value in ("x/*", "y/*", "x/*")]
    )

    assert merged == [Statement(("s3:ListBucket",), ("a",), {"StringLike": {"s3:prefix": ["x/*", "y/*"]}})]


def test_a_condition_is_never_dropped() -> None:
    """A statement without it stays apart."""
    bare, narrow = Statement(("a:B",), ("*",)), Statement(("a:B",), ("*",), {"StringEquals": {"k": "v"}})

    assert merge([bare, narrow]) == [bare, narrow]


def test_a_document_writes_single_values_as_texts() -> None:
    """As IAM's own console does; CDK compares templates by text."""
    assert document([Statement(("a:B",), ("*",)), Statement(("c:D", "c:E"), ("r",), {"Bool": {"k": "true"}})]) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Action": "a:B", "Effect": "Allow", "Resource": "*"},
            {"Action": ["c:D", "c:E"], "Effect": "Allow", "Resource": "r", "Condition": {"Bool": {"k": "true"}}},
        ],
    }


def test_a_value_that_is_joined_with_itself_stays_one_text() -> None:
    """Whether it stood in a list or not."""
    merged = merge([Statement(("a:B",), ("r",), {"Bool": {"k": value}}) for value in ("true", ["true"])])

    assert merged == [Statement(("a:B",), ("r",), {"Bool": {"k": "true"}})]


def test_what_differs_in_more_than_one_way_stays_apart() -> None:
    """Joined, it would grant what neither does."""
    base = Statement(("a:B",), ("r",), {"StringLike": {"k": "v"}})
    others = [
        Statement(("a:C",), ("s",), {"StringLike": {"k": "v"}}),
        Statement(("a:C",), ("r",), {"StringLike": {"k": "w"}}),
        Statement(("a:B",), ("s",), {"StringLike": {"k": "w"}}),
        Statement(("a:B",), ("r",), {"StringLike": {"l": "v"}}),
        Statement(("a:B",), ("r",), {"StringEquals": {"k": "v"}}),
        Statement(("a:B",), ("r",), {"StringLike": {"k": "w", "l": "v"}}),
    ]

    assert [merge([base, other]) for other in others] == [[base, other] for other in others]


def test_of_two_conditions_the_values_are_not_joined() -> None:
    """Each value belongs to the other condition's."""
    pairs = [Statement(("a:B",), ("r",), {"StringLike": {"k": value, "l": value}}) for value in "vw"]
    apart = [Statement(("a:B",), ("r",), {"StringLike": {"k": value}, "Bool": {"l": value}}) for value in "vw"]

    assert merge(pairs) == pairs
    assert merge(apart) == apart


@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike", "Bool", "StringEquals", "StringLike"])
def test_operators_whose_values_are_alternatives(operator: str) -> None:
    """Texts and lists of them are joined in order, each once."""
    values = ["x", ["y", "x"], "z"]
    statements = [Statement(("a:B", "a:C"), ("r", "s"), {operator: {"k": value}}) for value in values]

    assert merge(statements) == [Statement(("a:B", "a:C"), ("r", "s"), {operator: {"k": ["x", "y", "z"]}})]


@pytest.mark.parametrize("operator", ["StringNotEquals", "NumericLessThan", "StringEqualsIfExists"])
def test_operators_whose_values_are_not(operator: str) -> None:
    """A negation holds only if no value matches."""
    statements = [Statement(("a:B",), ("r",), {operator: {"k": value}}) for value in "xy"]

    assert merge(statements) == statements


def test_the_order_of_actions_and_conditions_does_not_keep_statements_apart() -> None:
    """They are sets."""
    one = Statement(("a:B", "a:C"), ("r",), {"Bool": {"k": "v"}, "StringLike": {"l": "w", "m": "x"}})
    other = Statement(("a:C", "a:B"), ("s",), {"StringLike": {"m": "x", "l": "w"}, "Bool": {"k": "v"}})
    values = [Statement(actions, ("r",), {"Bool": {"k": "v"}}) for actions in (("a:B", "a:C"), ("a:C", "a:B"))]

    assert merge([one, other]) == [Statement(("a:B", "a:C"), ("r", "s"), one.conditions)]
    assert merge(values) == values[:1]


def test_a_document_is_merged() -> None:
    """A condition keeps its operators and keys; several resources are a list."""
    condition = {"StringLike": {"k": "v", "l": ["w", "x"]}, "Bool": {"m": "true"}}
    written = document([Statement(("a:B",), ("r",), condition), Statement(("a:B",), ("s",), condition)])

    assert written["Statement"] == [
        {"Action": "a:B", "Effect": "Allow", "Resource": ["r", "s"], "Condition": condition}
    ]
