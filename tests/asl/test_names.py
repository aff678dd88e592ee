"""Names of jobs are valid, different, and none is the start of another."""

from __future__ import annotations

import random
import re
import uuid
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_ml.asl.expressions import Language, render
from constructs_ml.asl.names import (
    JOB_LENGTH,
    OWNER_LENGTH,
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
