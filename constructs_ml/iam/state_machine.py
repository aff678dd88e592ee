"""What a state machine's role may do to start jobs of one kind, wait for them and stop them.

Source: "IAM policies for calling Amazon SageMaker AI from Step Functions" of the Step Functions developer guide, which
grants ListTags on everything. Step Functions tags every job that it waits for (MANAGED_BY_AWS), so AddTags is needed even
for a job without tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.iam.resources import pass_role, resource_arns
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from constructs_ml.iam.resources import Place
    from constructs_ml.sagemaker.kinds import JobKind

MANAGED_RULE_ACTIONS = ("events:DescribeRule", "events:PutRule", "events:PutTargets")


def run_job_statements(
    kind: JobKind, names: str | tuple[str, ...], role_arn: str | None, place: Place, *, wait: bool, tags: bool = False
) -> list[Statement]:
    """The statements for running jobs by their names.

    Args:
        kind: The kind of the jobs.
        names: Their names, or patterns: ``census-4fga-*``.
        role_arn: The role that the jobs run under; None if they are given none.
        place: Where they run.
        wait: Whether the state machine waits for them to end.
        tags: Whether they are given tags.
    """
    jobs = resource_arns(place, kind.arn_type, *((names,) if isinstance(names, str) else names))
    actions = kind.job_actions if wait else kind.job_actions[:1]
    tagging = ("sagemaker:AddTags",) if wait or tags else ()
    statements = [Statement((*actions, *tagging, "sagemaker:ListTags"), jobs)]
    if role_arn is not None:
        statements.append(pass_role(role_arn))
    if wait:
        rule = place.arn("events", f"rule/{kind.managed_rule}")
        statements.append(Statement(MANAGED_RULE_ACTIONS, (rule,)))
    return statements
