"""What a script gets by SageMaker's own training toolkit; run with the Python that has it, not with this library's.

Reads cases, one JSON object a line: the three configuration files of a container and its variables. Writes one answer a line:
the script's arguments and the variables that the toolkit sets.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from sagemaker_training import environment  # type: ignore[import-not-found,unused-ignore]


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """The answer of the toolkit to one case."""
    before = dict(os.environ)
    os.environ.update(case["environment"])
    try:
        parsed = _read(case["hyperparameters"])
        made = environment.Environment(
            resource_config=case["resources"], input_data_config=case["channels"] or None, hyperparameters=parsed
        )
        # The toolkit takes an empty mapping for one that is not given, and reads the file.
        arguments, variables = made.to_cmd_args(), made.to_env_vars()
        more = {name: os.environ[name] for name in ("CURRENT_HOST", "SAGEMAKER_JOB_NAME", "SAGEMAKER_REGION")}
        return {"arguments": arguments, "variables": {**more, **variables}}
    finally:
        os.environ.clear()
        os.environ.update(before)


def _read(hyperparameters: dict[str, str]) -> dict[str, Any]:
    """The hyperparameters by the toolkit's own reader, which takes them from a file."""
    environment._read_json = lambda path: hyperparameters if path == environment.hyperparameters_file_dir else {}
    found: dict[str, Any] = environment.read_hyperparameters()
    return found


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
