"""Each constraint that botocore's model puts on a job's request is checked: one request for each way to break it."""

from __future__ import annotations

import re

import pytest
from support.each import each
from support.samples import around, faults, nodes, sample, written

from constructs_ml.sagemaker.leaves import leaves
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.request import FindingKind, Severity, check_members

OPERATIONS = ("CreateProcessingJob", "CreateTrainingJob")
OTHER_OPERATIONS = (
    "CreateAutoMLJobV2",
    "CreateEndpoint",
    "CreateEndpointConfig",
    "CreateHyperParameterTuningJob",
    "CreateLabelingJob",
    "CreateModel",
    "CreateModelPackage",
    "CreateTransformJob",
    "StartPipelineExecution",
    "UpdateEndpoint",
    "UpdateModelPackage",
)
"""What the other steps call; all ways to break one in one test, since thousands of tests take longer to report than to run."""
CASES = [(operation, case) for operation in OPERATIONS for case in faults(operation)]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_only_fault_is_found(operation: str) -> None:
    missed = []
    for case in each(case for name, case in CASES if name == operation):
        findings = check_members(operation, case.request)
        found = [(finding.member, finding.rule, finding.severity) for finding in findings]
        texts = [str(finding) for finding in findings]
        if (
            found != [(case.member, case.rule, Severity.ERROR)]
            or not texts[0].startswith(f"{case.member} ")
            or texts[0].removesuffix("...").endswith(".")
        ):
            missed.append((case, texts))
    assert missed == []


@pytest.mark.parametrize("operation", OTHER_OPERATIONS)
def test_each_fault_is_found_at_its_place(operation: str) -> None:
    missed = []
    for case in each(faults(operation)):
        found = [(finding.member, finding.rule, finding.severity) for finding in check_members(operation, case.request)]
        if found != [(case.member, case.rule, Severity.ERROR)]:
            missed.append((case, found))
    assert missed == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_kind_of_fault_is_tried(operation: str) -> None:
    tried = {case.rule for name, case in CASES if name == operation}

    assert tried >= {
        FindingKind.REQUIRED,
        FindingKind.UNKNOWN,
        FindingKind.TYPE,
        FindingKind.ENUM,
        FindingKind.PATTERN,
        FindingKind.RANGE,
        FindingKind.LENGTH,
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_leaf_is_tried(operation: str) -> None:
    tried = {case.member for name, case in CASES if name == operation and case.rule is FindingKind.TYPE}
    root = input_shape(operation)
    key = re.compile(r"\['[^']*'\]")

    assert {key.sub(".*", member.replace("[0]", "[]")) for member in tried} >= set(each(leaves(operation)))
    assert tried == {written(root, steps) or "the request" for steps, _ in nodes(root)}


@pytest.mark.parametrize(
    "operation", [*OPERATIONS, "CreateTransformJob", "CreateHyperParameterTuningJob", "CreateModel"]
)
def test_every_member_can_be_set(operation: str) -> None:
    root = input_shape(operation)

    for steps, shape in each(nodes(root)):
        assert check_members(operation, around(root, steps, sample(shape))) == [], steps
