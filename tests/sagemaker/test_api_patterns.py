"""Java's patterns mean in Python what they mean in Java."""

from __future__ import annotations

import re
import warnings

import pytest
from support.each import each

from constructs_ml.sagemaker import model
from constructs_ml.sagemaker.model import shape
from constructs_ml.sagemaker.patterns import matches, translate

SHAPES = sorted(name for name in model._model()["shapes"] if shape(name).pattern)
# The shapes whose patterns are not Python's for another reason than \p{...}.
UTF16_RANGES = {"AthenaCatalog", "Catalog", "Database", "TableName"}
REPEATED_ENDS = {"CustomerMetadataKey", "CustomerMetadataValue"}


def pattern(name: str) -> str:
    return shape(name).pattern or ""


def in_python(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def test_every_pattern_of_the_model_is_translated() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [name for name in each(SHAPES) if translate(pattern(name)) is None] == []


def test_the_patterns_that_are_not_pythons_are_known() -> None:
    foreign = {name for name in SHAPES if not in_python(pattern(name))}
    with_categories = {name for name in SHAPES if r"\p{" in pattern(name)}

    assert foreign - with_categories == UTF16_RANGES
    assert {name for name in with_categories if "$" in pattern(name)} == REPEATED_ENDS


def test_categories_stand_in_classes_only() -> None:
    """They are written as the inside of one."""
    classes = re.compile(r"\[(?:\\.|[^\]\\])*\]")

    assert [name for name in each(SHAPES) if r"\p{" in classes.sub("", pattern(name))] == []


@pytest.mark.parametrize("name", sorted(UTF16_RANGES))
def test_a_range_in_utf16(name: str) -> None:
    assert matches(pattern(name), "données \N{GRINNING FACE}\t")
    assert not matches(pattern(name), "a\0")
    assert not matches(pattern(name), "a\nb")


@pytest.mark.parametrize("name", sorted(REPEATED_ENDS))
def test_a_repeated_end(name: str) -> None:
    assert matches(pattern(name), "owner: Ünal/team-1")
    assert not matches(pattern(name), "a#b")


@pytest.mark.parametrize("value", ["", "a", "équipe 1", "チーム", "a:b/c=d+e-f@g.h_i", "١٢", "a\u3000b", "Ⅷ"])
def test_a_tag_takes_letters_digits_and_spaces_of_any_script(value: str) -> None:
    assert matches(pattern("TagValue"), value)


@pytest.mark.parametrize("value", ["#", "a\n", "a&b", "\N{GRINNING FACE}", "e\u0301", "«a»", "\ue000", "\ue002"])
def test_a_tag_takes_nothing_else(value: str) -> None:
    assert not matches(pattern("TagValue"), value)


@pytest.mark.parametrize(
    ("value", "good"),
    [("a!\"#%&'()*,-./:;?@[\\]_{}$+<=>^`|~ 1", True), ("e\u0301 € «a» Ⅷ", True), ("a\tb", False), ("a\ue000", False)],
)
def test_all_categories(value: str, *, good: bool) -> None:
    assert matches(pattern("EntityDescription"), value) is good


def test_the_ascii_parts_of_the_categories_are_unicodes() -> None:
    for char in map(chr, range(128)):
        assert matches(pattern("EntityDescription"), char) is (char.isprintable()), char


def test_classes_are_ascii_as_in_java() -> None:
    assert not matches(r"\d+", "١٢")
    assert not matches(r"\w+", "é")


def test_characters_stand_for_themselves_where_no_category_is_named() -> None:
    assert matches("[é]+", "éé")


def test_each_character_stands_for_one() -> None:
    assert matches(r"[\p{L}]{2}", "éa")
    assert not matches(r"[\p{L}]{2}", "é")


def test_an_unanchored_pattern_matches_the_whole() -> None:
    assert not matches("[a-z]", "ab")


def test_what_cannot_be_translated_is_let_through() -> None:
    assert translate(r"\p{Nonsense}") is None
    assert translate("a**") is None
    assert matches("a**", "b")
