"""What the stacks of several teams have alike: jobs over the scripts beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import constructs_ml as ml

if TYPE_CHECKING:
    from constructs import Construct

SCRIPTS = Path(__file__).parent / "scripts"
IMAGE = "1.2-1"


def prepare(scope: Construct, construct_id: str = "Prepare", **props: Any) -> ml.ProcessingJob:
    return ml.ProcessingJob(
        scope,
        construct_id,
        image=ml.ContainerImage.sklearn(IMAGE),
        code=ml.Code.from_asset(str(SCRIPTS / "prepare.py")),
        **{"outputs": ["train"], **props},
    )


def train(scope: Construct, construct_id: str = "Train", **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(
        scope,
        construct_id,
        image=ml.ContainerImage.sklearn(IMAGE),
        code=ml.Code.from_asset(str(SCRIPTS / "train.py")),
        metric_definitions={"accuracy": "accuracy=([0-9.]+);"},
        **props,
    )
