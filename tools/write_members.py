"""Writes docs/members.md: every member of every supported API, to the leaves, and the step that sets it.

That each can be set is what the completeness tests hold (``tests/**/test_*member*.py``): they set every leaf by typed props
and look for it in the definition. ``python tools/write_members.py --check`` fails if the page is not that of the botocore
that is installed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from constructs_ml.sagemaker.leaves import leaves
from constructs_ml.sagemaker.model import input_shape

PAGE = Path(__file__).parents[1] / "docs" / "members.md"
STEPS = {
    "CreateProcessingJob": "ProcessingJob",
    "CreateTrainingJob": "TrainingJob",
    "CreateHyperParameterTuningJob": "TuningJob",
    "CreateTransformJob": "TransformJob",
    "CreateLabelingJob": "LabelingJob",
    "CreateAutoMLJobV2": "AutoMLJob",
    "StartPipelineExecution": "PipelineExecution",
    "CreateModel": "CreateModel",
    "CreateEndpointConfig": "CreateEndpointConfig",
    "CreateEndpoint": "CreateEndpoint, DeployEndpoint",
    "UpdateEndpoint": "UpdateEndpoint, DeployEndpoint",
    "CreateModelPackage": "RegisterModel",
    "UpdateModelPackage": "UpdateModelApproval",
}
READ_ONLY = ("SelectedInstanceCount", "SelectedInstanceType")
"""Members that the shapes of the Create calls share with the Describe calls, which alone give them."""


def page() -> str:
    """The page's text."""
    lines = [
        "# Members",
        "Written by `tools/write_members.py` from botocore's model of the API. Tests set each member by a typed prop and find",
        "it in the definition; a newer botocore that adds members makes them fail, and `request_overrides` sets a member that",
        "has no prop yet.",
        "",
        "| API | step | members | leaves |",
        "|---|---|---:|---:|",
    ]
    settable = {operation: [leaf for leaf in leaves(operation) if not leaf.endswith(READ_ONLY)] for operation in STEPS}
    for operation, step in STEPS.items():
        lines.append(f"| {operation} | {step} | {len(input_shape(operation).members)} | {len(settable[operation])} |")
    for operation in STEPS:
        lines += ["", f"## {operation}", "", "```text", *settable[operation], "```"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes the page, or checks it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the page is as it should be")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/members.md is not that of the botocore that is installed; run python tools/write_members.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
