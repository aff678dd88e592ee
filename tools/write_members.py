"""Write docs/members.md: every member of every supported API, to the leaves, and the step that sets it.

The completeness tests (``tests/**/test_*member*.py``) verify that each can be set: they set every leaf by typed props and
find it in the definition. ``python tools/write_members.py --check`` fails if the page does not match the installed
botocore.
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
"""Members of shared shapes that only the Describe calls return."""


def page() -> str:
    """Return the page's text."""
    lines = [
        "# Members",
        "This page lists every member of the supported APIs; each can be set by a typed prop of the step in the table.",
        "If a newer API has a member that is not listed yet, set it with `request_overrides`.",
        "",
        "Written by `tools/write_members.py` from botocore's model of the API. Tests set each member by its prop and find it in",
        "the definition, and fail if a newer botocore adds members.",
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
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only check that the page is up to date")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/members.md does not match the installed botocore; run python tools/write_members.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
