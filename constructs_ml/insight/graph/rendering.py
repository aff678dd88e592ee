"""The templates of pictures and pages, filled in by Jinja2; everything that comes from a definition is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from jinja2 import Environment

NEEDED = "pictures need Jinja2: pip install 'constructs-ml[insight]'"


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Return a template with its values filled in.

    Args:
        template: The name of the template.
        values: The values.

    Raises:
        MissingRequirementError: If Jinja2 is not installed.
    """
    return _environment().get_template(template).render(**values)


def source_of(template: str) -> str:
    """Return the text of a template that has no values, such as a style sheet."""
    return (files("constructs_ml.insight.graph") / "templates" / template).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise MissingRequirementError(NEEDED) from error
    folder = files("constructs_ml.insight.graph") / "templates"
    return Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
