"""CMS082."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.lint import examples
from constructs_ml.lint.security.call import each
from constructs_ml.lint.security.examples import KEY
from constructs_ml.lint.security.rule import security_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.errors import Violation
    from constructs_ml.lint.security.subject import Subject

_TEAM = "WorkteamArn"
_PUBLIC = ":workteam/public-crowd/"
_DECLARED = "FreeOfPersonallyIdentifiableInformation"


def _labeling(team: str) -> dict[str, Any]:
    return examples.call(
        "sagemaker:createLabelingJob.sync",
        {
            "LabelingJobName.$": "States.Format('label-{}', States.UUID())",
            "LabelAttributeName": "label",
            "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://photos/manifest.jsonl"}}},
            "OutputConfig": {"S3OutputPath": "s3://photos/labels/", "KmsKeyId": KEY},
            "RoleArn": "arn:aws:iam::111122223333:role/Jobs",
            "HumanTaskConfig": {
                "WorkteamArn": team,
                "UiConfig": {"UiTemplateS3Uri": "s3://photos/task.html"},
                "TaskTitle": "Is it a cat?",
                "TaskDescription": "Say whether the photo shows a cat",
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskTimeLimitInSeconds": 300,
            },
        },
    )


@security_rule(
    "CMS082",
    title="Labeling jobs with personal data do not use the public workforce",
    reason="Anyone can work for Amazon Mechanical Turk: AWS asks not to share confidential information, personal "
    "information or protected health information with it. A job whose data is declared free of it "
    "(ContentClassifiers) is accepted. Source: 'Amazon Mechanical Turk workforce' of the SageMaker developer guide.",
    controls=("AC-4", "AC-21"),
    bad=_labeling("arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"),
    good=_labeling("arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/annotators"),
)
def public_workforce(subject: Subject) -> Iterator[Violation]:
    """Tasks for the public whose data is not declared free of personal information."""
    for call in subject.calls:
        classifiers = [*each(call.body, "InputConfig", "DataAttributes", "ContentClassifiers")]
        for part in call.parts if _DECLARED not in classifiers else ():
            team = part.body.get(_TEAM)
            if _TEAM in part.shape.members and isinstance(team, str) and _PUBLIC in team:
                problem = f"must not be the public workforce, unless the data is declared {_DECLARED}"
                yield call.violation(part.at(_TEAM), problem, "use a private or a vendor's team")
