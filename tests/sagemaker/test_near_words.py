"""What the user probably meant."""

from __future__ import annotations

import pytest

from constructs_ml.spelling import is_near


@pytest.mark.parametrize(
    ("word", "known"), [("sagemkaer", "sagemaker"), ("SAGEMAKER", "sagemaker"), ("abcde", "abcdx"), ("abcdx", "ABCDE")]
)
def test_a_word_is_near_one_that_is_misspelt(word: str, known: str) -> None:
    """A letter wrong in five, whatever the case."""
    assert is_near(word, known)


@pytest.mark.parametrize(("word", "known"), [("ec2", "ecs"), ("abcd", "abcx"), ("glue", "batch")])
def test_another_word_is_not(word: str, known: str) -> None:
    """However like it is: one letter in four is too much."""
    assert not is_near(word, known)
