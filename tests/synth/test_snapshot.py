"""What the example's template was when someone last looked at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.versions import as_newest
from synth_resolve import legible
from synth_stacks import REGIONS, example_template
from syrupy.extensions.json import JSONSnapshotExtension

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


@pytest.mark.parametrize("region", [None, *REGIONS.values()], ids=["any-region", *REGIONS])
def test_the_examples_template_is_the_one_that_was_reviewed(snapshot: SnapshotAssertion, region: str | None) -> None:
    assert legible(as_newest(example_template(region), region)) == snapshot(extension_class=JSONSnapshotExtension)


def test_no_partition_is_written_out() -> None:
    assert "arn:aws" not in json.dumps(example_template())


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_no_other_partition_is_written_out(partition: str) -> None:
    text = json.dumps(example_template(REGIONS[partition]))
    assert "arn:aws:" not in text
