"""Apps whose templates are kept with each release (tools/keep_templates.py), so that the next one can be compared.

Users of a release keep their code, so an app that is kept stays as it is; a new construct gets an app, or a stack, beside it.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "tests" / folder) for folder in ("", "stacks", "synth")]

from aws_cdk import App  # noqa: E402
from every_stack import EVERY_STACK  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]
TEAMS = (
    "custom_resources",
    "customer_keys",
    "endpoint_approval",
    "events_scheduler",
    "imported",
    "lambda_dynamodb",
    "map_jobs",
    "nested",
    "stages",
    "two_stacks",
    "vpc_endpoints",
)
"""Apps in tests/stacks, without feature flags; the others have those of ``cdk.json``."""


def _alone(stack: Callable[..., Any]) -> Callable[[App], object]:
    return lambda app: stack(app, "Penguins")


APPS: dict[str, Callable[[App], object]] = {
    **{name.replace(" ", "_"): _alone(stack) for name, stack in EVERY_STACK.items()},
    **{name: importlib.import_module(name).build for name in TEAMS},
}


def templates(name: str) -> dict[str, dict[str, Any]]:
    """Synthesize an app.

    Args:
        name: The app's.

    Returns:
        The templates of its stacks and nested stacks, by their paths in the assembly.
    """
    with TemporaryDirectory() as folder:
        app = App(outdir=folder, context={} if name in TEAMS else CONTEXT, analytics_reporting=False)
        APPS[name](app)
        app.synth()
        files = sorted(Path(folder).rglob("*.template.json"))
        return {file.relative_to(folder).as_posix(): json.loads(file.read_text("utf-8")) for file in files}
