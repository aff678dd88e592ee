"""What roles are granted, against the service authorization reference as cfn-lint carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.calls.all_kinds import CASES
from support.calls.training import RUNS
from support.each import each
from support.reference import NO_RESOURCE, ON_ANY, exists, type_of, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.iam import Role

NOT_IN_REFERENCE = {
    ("sagemaker:CreateModelPackage", "model-package-group"): "AmazonSageMakerJobFullAccess grants it on groups",
    **{(action, "mlflow-app"): "AmazonSageMakerJobFullAccess grants it on apps" for action in RUNS},
    ("sns:Unsubscribe", "topic"): "the developer guide grants it on the topics of a labeling job",
}
"""Resources that the reference does not list with an action, by what AWS grants elsewhere."""


def granted(roles: dict[str, dict[str, Role]], case: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each action on each resource, with its conditions."""
    for role in roles[case].values():
        yield from role.grants()


@pytest.mark.parametrize("case", CASES)
def test_every_action_is_named_in_full_and_exists(roles: dict[str, dict[str, Role]], case: str) -> None:
    """No wildcard, no misspelling."""
    for action, _, _ in each(granted(roles, case)):
        assert exists(action), action


@pytest.mark.parametrize("case", CASES)
def test_every_star_has_its_reason(roles: dict[str, dict[str, Role]], case: str) -> None:
    """And the reference agrees that there is nothing to narrow it to."""
    for action, resource, _ in each(granted(roles, case)):
        if resource == "*":
            assert action in ON_ANY, action
            assert bool(types_of(action)) is (ON_ANY[action] != NO_RESOURCE), action


@pytest.mark.parametrize("case", CASES)
def test_every_resource_is_one_that_its_action_takes(roles: dict[str, dict[str, Role]], case: str) -> None:
    """A statement that names another type grants nothing."""
    for action, resource, _ in each(granted(roles, case)):
        if resource != "*" and not types_of(action) & type_of(resource):
            assert any((action, kind) in NOT_IN_REFERENCE for kind in type_of(resource)), (action, resource)


def test_no_reason_is_left_over(roles: dict[str, dict[str, Role]]) -> None:
    """Each is needed by some state."""
    every = [grant for case in CASES for grant in granted(roles, case)]
    assert {action for action, resource, _ in every if resource == "*"} == set(ON_ANY)
    named = {(action, kind) for action, resource, _ in every if resource != "*" for kind in type_of(resource)}
    assert named >= set(NOT_IN_REFERENCE)


def test_metrics_are_sagemakers_only(roles: dict[str, dict[str, Role]]) -> None:
    """The condition that stands for a resource."""
    conditions = each(
        conditions
        for case in CASES
        for action, _, conditions in granted(roles, case)
        if action == "cloudwatch:PutMetricData"
    )
    for condition in conditions:
        (namespaces,) = [keys["cloudwatch:namespace"] for keys in condition.values()]
        for namespace in each([namespaces] if isinstance(namespaces, str) else namespaces):
            assert "sagemaker" in namespace.lower()


def test_the_reference_tells_types_apart() -> None:
    """It is read as it should be."""
    assert types_of("s3:GetObject") >= {"object"}
    assert types_of("ecr:GetAuthorizationToken") == frozenset()
    assert "object" in type_of("arn:aws:s3:::data/in/*")
    assert "processing-job" in type_of("arn:aws:sagemaker:us-east-1:111122223333:processing-job/x-*")
    assert not types_of("sagemaker:CreateModel") & type_of("arn:aws:sagemaker:us-east-1:1:processing-job/x-*")
