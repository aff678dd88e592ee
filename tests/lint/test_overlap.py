"""Whether what is needed and what is granted can be one resource."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.iam.wildcards import matches, may_be_same

KINDS = {"Score": "AWS::Lambda::Function", "Train": "AWS::Lambda::Function", "Jobs": "AWS::IAM::Role"}
JOB = "arn:*:sagemaker:*:*:training-job/census-*"
PLACE = "arn:aws:sagemaker:us-east-1:111122223333"
TEXTS = ["".join(letters) for length in range(9) for letters in product("ab", repeat=length)]

SAME = {
    "the same": ("arn:aws:sns:us-east-1:1:news", "arn:aws:sns:us-east-1:1:news"),
    "anything": ("arn:aws:sns:us-east-1:1:news", "*"),
    "of nothing is known what it is": ("*", "arn:aws:sns:us-east-1:1:news"),
    "a prefix": (JOB, f"{PLACE}:training-job/census-*"),
    "a longer prefix than is known": (JOB, f"{PLACE}:training-job/census-train-*"),
    "any of its type": (JOB, f"{PLACE}:training-job/*"),
    "a token": ("arn:aws:iam::1:role/Jobs", "${Token[Jobs.Arn]}"),
    "a token in a name": ("arn:*:dynamodb:*:*:table/${Token[Table]}", "arn:aws:dynamodb:us-east-1:1:table/customers"),
    "the region that a template is read for": (
        "arn:aws:sns:eu-west-1:999900001111:news",
        "arn:aws:sns:us-east-1:111122223333:news",
    ),
    "two attributes of one resource": ("${Token[Score]}", "${Token[Score.Arn]}"),
    "resources of two kinds": ("${Token[Score.Arn]}", "${Token[Jobs.Arn]}"),
    "a parameter": ("${Token[RoleParameter]}", "${Token[OtherParameter]}"),
    "any version": ("${Token[Score.Arn]}", "${Token[Score.Arn]}*"),
}
OTHER = {
    "another name": (JOB, f"{PLACE}:training-job/churn-*"),
    "another type": (JOB, f"{PLACE}:processing-job/census-*"),
    "another service": ("arn:*:sns:*:*:news", "arn:aws:sqs:us-east-1:111122223333:news"),
    "another account": ("arn:aws:sns:eu-west-1:222:news", "arn:aws:sns:eu-west-1:333:news"),
    "another case": (JOB, f"{PLACE}:training-job/Census-*"),
    "another function": ("${Token[Score.Arn]}", "${Token[Train.Arn]}"),
    "the versions of another function": ("${Token[Score.Arn]}:*", "${Token[Train.Arn]}"),
    "a name with another function's": (
        "arn:*:lambda:*:*:function:${Token[Score]}",
        "arn:aws:lambda:us-east-1:1:function:${Token[Train]}",
    ),
}


@pytest.mark.parametrize(("needed", "granted"), SAME.values(), ids=SAME)
def test_what_may_be_the_same_is(needed: str, granted: str) -> None:
    """Where it is not certain it is yes."""
    assert may_be_same(needed, granted, KINDS)


@pytest.mark.parametrize(("needed", "granted"), OTHER.values(), ids=OTHER)
def test_what_is_certainly_another_is_not(needed: str, granted: str) -> None:
    """Whatever the template is deployed to."""
    assert not may_be_same(needed, granted, KINDS)


@given(one=st.text("ab*?", max_size=4), other=st.text("ab*?", max_size=4))
def test_two_patterns_meet_if_a_text_matches_both(one: str, other: str) -> None:
    """As trying all texts says: two patterns of four characters that meet do so in one of eight at most."""
    tried = any(fnmatchcase(text, one) and fnmatchcase(text, other) for text in TEXTS)
    assert may_be_same(one, other, {}) == tried


@given(pattern=st.text("aB*?", max_size=5), text=st.sampled_from(TEXTS))
def test_actions_match_as_file_names_do_whatever_their_case(pattern: str, text: str) -> None:
    """IAM compares actions without case."""
    assert matches(pattern, text) == fnmatchcase(text.lower(), pattern.lower())
