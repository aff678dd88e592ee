"""Names of jobs are valid, different, and none is the start of another."""

from __future__ import annotations

import random
import re
import uuid
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.asl.expressions import Format, Language, render
from constructs_ml.asl.names import (
    JOB_LENGTH,
    NAME_LENGTH,
    OWNER_LENGTH,
    SHORT_UUID,
    UUID,
    digest,
    fresh_name,
    is_prefix,
    job_part,
    job_prefix,
    owner_name,
    prefix_length,
    slug,
)

VALID = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
ALPHABET = "abcXYZ019-_ ./?!'\"\\äßñ中文日本語кот😀\u200d\u0301\t-"


def odd_paths(count: int) -> list[str]:
    draw = random.Random(20261122)  # noqa: S311 - the same ids at every run
    paths = {"/".join(part(draw) for _ in range(draw.randint(1, 3))) for _ in range(count * 2)}
    return sorted(paths)[:count]


def part(draw: random.Random) -> str:
    return "".join(draw.choice(ALPHABET) for _ in range(draw.randint(1, 30))).replace("/", "") or "x"


PATHS = odd_paths(10_000)
assert len(PATHS) == 10_000


def test_ten_thousand_odd_ids_give_valid_names() -> None:
    """Each with a UUID after it is at most 63 characters of the API's pattern."""
    end = str(uuid.uuid4())
    for path in PATHS:
        name = job_prefix(owner_name(path), path) + end
        assert len(name) <= 63, path
        assert VALID.fullmatch(name), (path, name)


def test_ten_thousand_jobs_of_a_stack_have_prefixes_of_their_own() -> None:
    """No prefix is another's, or the start of one: a rule for one job would hear of another."""
    prefixes = sorted(job_prefix("Census-1aB2", path) for path in PATHS)

    assert len(set(prefixes)) == len(PATHS)
    assert not [one for one, after in pairwise(prefixes) if after.startswith(one)]


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=200))
def test_any_text_gives_a_valid_prefix(stack: str, path: str) -> None:
    """Ids in whatever script."""
    prefix = job_prefix(owner_name(stack), path)

    assert len(prefix) <= prefix_length()
    assert VALID.fullmatch(prefix + "0" * 8)
    assert is_prefix(prefix)


@given(st.text(max_size=80))
def test_the_parts_keep_to_their_lengths(text: str) -> None:
    """12 characters for the stack, 13 for the job."""
    assert len(owner_name(text)) <= OWNER_LENGTH == 12
    assert len(job_part(text or "x")) <= JOB_LENGTH == 13


def test_simple_ids_stay_readable() -> None:
    """A short id at the top of a stack stands in the name as it is."""
    assert job_part("Preprocess") == "Preprocess"
    assert job_part("Nested/Preprocess").startswith("Preproc")
    assert job_part("Fit model").startswith("FitMode")
    assert job_part("Nested/Preprocess") != job_part("Other/Preprocess")
    assert owner_name("CensusProduction").startswith("CensusP-")


@pytest.mark.parametrize("other", ["Nested/Train", "Train-big", "Train big", "Train.2", "Trainer", "Train-"])
def test_the_names_of_one_job_never_start_with_the_prefix_of_another(other: str) -> None:
    """A rule for "Train" would hear of the job "Train" in another scope too."""
    assert not job_prefix("o", other).startswith(job_prefix("o", "Train"))


def test_a_name_is_new_whenever_it_is_evaluated() -> None:
    """The UUID is drawn by Step Functions, in both languages."""
    name = {"Name": fresh_name("Census-1aB2-Train-")}

    assert render(name, Language.JSONPATH) == {"Name.$": "States.Format('Census-1aB2-Train-{}', States.UUID())"}
    assert render(name, Language.JSONATA) == {"Name": "{% 'Census-1aB2-Train-' & $uuid() %}"}


def test_slugs_have_single_hyphens_between_words() -> None:
    """Nothing but letters and digits else."""
    assert slug("--a  b__c! ü d--") == "a-b-c-d"


def test_a_kind_with_short_names_gets_the_last_group_of_a_uuid() -> None:
    """Tuning jobs have 32 characters; one less than usual is short already."""
    assert fresh_name("p-", 32) == fresh_name("p-", NAME_LENGTH - 1) == Format(("p-", SHORT_UUID))
    assert fresh_name("p-", NAME_LENGTH) == fresh_name("p-") == Format(("p-", UUID))
    assert (prefix_length(), prefix_length(NAME_LENGTH - 1), prefix_length(32)) == (27, 50, 20)


def test_names_are_the_same_for_ever() -> None:
    """A new name for the same path would take jobs out of their rules and policies."""
    assert digest("Stack", 4) == "qAzL"
    assert digest("Stack", 8) == "qAzL9Crt"
    assert owner_name("Census-Production") == "Census-3NM4"
    assert job_prefix("Census-1aB2", "Preprocess") == "Census-1aB2-Preprocess-"
    assert job_prefix("Census-1aB2", "Nested/fit big-model") == "Census-1aB2-fitBigMzE7XBk-"


@pytest.mark.parametrize(
    ("path", "length", "expected"),
    [
        ("ThirteenChars", 13, "ThirteenChars"),
        ("FourteenCharsX", 13, "Fourtee"),
        ("a/ThirteenChars", 13, "Thirtee"),
        ("a/b/c d/Fit", 13, "Fit"),
        ("two words-here", 13, "twoWord"),
        ("two wOrds", 13, "twoWOrd"),
        ("語", 13, "job"),
        ("語", 7, "job"),
        ("語", 6, ""),
        ("Train", 6, "Train"),
        ("Training", 6, ""),
    ],
)
def test_the_part_of_a_job_is_readable_as_far_as_there_is_room(path: str, length: int, expected: str) -> None:
    """What is shortened, joined or below a scope gets six characters of its path's digest."""
    found = job_part(path, length)

    assert found == (path if expected == path else expected + digest(path, 6))


@pytest.mark.parametrize(
    ("stack", "start"), [("Census", "Census-"), ("CensusX", "CensusX-"), ("Census-X", "Census-"), ("語", "ml-")]
)
def test_the_owner_starts_as_the_stack_does(stack: str, start: str) -> None:
    """Seven characters of it, no hyphen at their end, and four of its digest."""
    assert owner_name(stack) == start + digest(stack, 4)


def test_room_is_shared_out_by_the_length_of_names() -> None:
    """Of 32 characters, 6 are left for the job."""
    assert job_prefix("Census-1aB2c", "Preprocess", 32) == f"Census-1aB2c-{digest('Preprocess', 6)}-"
    assert len(job_prefix("Census-1aB2c", "Preprocess", 32)) == prefix_length(32)


@pytest.mark.parametrize(
    ("text", "length", "valid"),
    [
        ("a" * 27, 63, True),
        ("a" * 28, 63, False),
        ("a" * 20, 32, True),
        ("a" * 21, 32, False),
        ("Z-9-", 63, True),
        ("A", 63, True),
        ("-a", 63, False),
        ("a_b", 63, False),
        ("né", 63, False),
        ("", 63, False),
    ],
)
def test_a_prefix_leaves_room_for_a_uuid(text: str, length: int, valid: bool) -> None:
    """And is what a name may start with."""
    assert is_prefix(text, length) is valid
