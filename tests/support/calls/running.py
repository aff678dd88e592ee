"""What a state machine calls for a job that it waits for, and its near misses."""

from __future__ import annotations

from support.calls.misses import MANAGED_RULE, deletes, elsewhere, other_creates, other_rules, wrong_passing
from support.calls.needs import WORKFLOW
from support.calls.place import DATA, JOB_ROLE, KEY, Access, Team, arn, calls, passing


def run_job(team: Team, word: str, kind: str, rule: str, *, role_arn: str | None = JOB_ROLE) -> Access:
    """What the state machine calls for a job that it waits for.

    Source: "IAM policies for calling Amazon SageMaker AI from Step Functions" (for training and transform jobs; the others
    by analogy), "Run a Job (.sync)" of the Step Functions developer guide for the tags, and the Service Authorization
    Reference.

    Args:
        team: Whose job it is.
        word: As the API says: ``Training``.
        kind: As ARNs say: ``training-job``.
        rule: The rule that Step Functions keeps.
        role_arn: The role that the job is given.
    """
    actions = tuple(f"sagemaker:{verb}{word}Job" for verb in ("Create", "Describe", "Stop"))
    actions += ("sagemaker:AddTags", "sagemaker:ListTags")
    managed = arn("events", f"rule/{rule}")
    may = [
        *calls(team.own(kind), *actions),
        *calls(team.own_in_lower_case(kind), *actions),
        *([] if role_arn is None else [passing(role_arn)]),
        *calls(managed, *MANAGED_RULE),
    ]
    others = [call for other in team.others(kind) for call in calls(other, *actions)]
    return Access(
        "WorkflowRole",
        may=[*may, *WORKFLOW],
        may_not=[
            *others,
            *elsewhere(may),
            *wrong_passing(role_arn or JOB_ROLE),
            *other_rules(rule),
            *other_creates(team, f"Create{word}Job"),
            *deletes(team),
            *calls("*", *actions, "sagemaker:ListTrainingJobs", "sagemaker:Search"),
            *calls(managed, "events:DeleteRule", "events:DisableRule", "events:RemoveTargets"),
            # The state machine only starts jobs: the data are the jobs' business.
            *calls(f"{DATA}/raw/1.csv", "s3:GetObject", "s3:PutObject"),
            *calls(KEY, "kms:Decrypt", "kms:CreateGrant"),
        ],
        assumed_by="states.amazonaws.com",
    )
