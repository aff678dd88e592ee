"""What is known of instance types."""

from __future__ import annotations

import pytest

from constructs_ml.sagemaker.kinds import has_local_storage


@pytest.mark.parametrize(
    "instance_type",
    ["ml.m5d.xlarge", "ml.g4dn.xlarge", "ml.g5.xlarge", "ml.p5en.48xlarge", "ml.p6-b200.48xlarge", "ml.trn1.2xlarge"],
)
def test_some_families_have_disks_of_their_own(instance_type: str) -> None:
    """Those with a ``d``, and most accelerators."""
    assert has_local_storage(instance_type)


@pytest.mark.parametrize(
    "instance_type",
    ["ml.m5.xlarge", "ml.p3.2xlarge", "ml.c5n.xlarge", "ml.dedicated", "dl.g5.xlarge", "$.g5.xlarge", "g5", ""],
)
def test_others_have_volumes(instance_type: str) -> None:
    """As has what is no instance type, or is known only later."""
    assert not has_local_storage(instance_type)
