"""The page about a run: the one door from the local run to ``insight``, which is imported when a page is wanted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from constructs_ml.errors import MissingRequirementError
from constructs_ml.local.host.requirements import require

if TYPE_CHECKING:
    from constructs_ml.run_record import RunRecord


def check_page() -> None:
    """Check that a page can be made.

    Raises:
        MissingRequirementError: If Jinja2 or Node.js is missing.
    """
    require("jinja2", by="constructs-ml run --report", extra="insight")
    from constructs_ml.insight.graph.layout.node import find_node

    find_node()
    try:
        import_module("jinja2")
    except ImportError as error:
        message = f"constructs-ml run --report needs jinja2, which cannot be imported: {error}"
        raise MissingRequirementError(message) from error


def page_of(record: RunRecord) -> str:
    """Return the page about a run.

    Args:
        record: The record of the run.
    """
    from constructs_ml.insight.report.page import page_of as made

    return made(record)
