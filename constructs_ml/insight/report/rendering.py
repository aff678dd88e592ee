"""The templates of the page, filled in by Jinja2; everything that comes from a record is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_FOLDER = "constructs_ml.insight.report"


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
    return (files(_FOLDER) / "templates" / template).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise MissingRequirementError("reports need Jinja2: pip install 'constructs-ml[insight]'") from error
    found = Environment(
        loader=FileSystemLoader(str(files(_FOLDER) / "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["content"] = _content
    return found


def _content(text: str) -> Markup:
    """Escape the text of an element: in it, quotes mean nothing, and data is full of them."""
    from markupsafe import Markup

    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - it is escaped
