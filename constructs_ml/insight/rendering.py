"""The templates of pictures and pages, filled in by Jinja2; everything that comes from a definition or a record is escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment
    from markupsafe import Markup

_FOLDER = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Return a template with its values filled in.

    Args:
        template: The name of the template.
        values: The values.

    Raises:
        MissingRequirementError: If Jinja2 is not installed.
    """
    return _environment().get_template(template).render(**values)


def render_page(template: str, *, styles: Sequence[str], script: str, **values: Any) -> str:  # noqa: ANN401
    """Return a page that has its style sheets and its script in it, and refuses any other.

    Args:
        template: The name of the template, one that extends ``base.html``.
        styles: The names of the style sheets.
        script: The name of the script.
        values: The values.

    Raises:
        MissingRequirementError: If Jinja2 is not installed.
    """
    style, code = "".join(map(_text_of, styles)), _text_of(script)
    return render(template, style=style, style_hash=_hash(style), script=code, script_hash=_hash(code), **values)


def _text_of(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise MissingRequirementError(
            "pictures and reports need Jinja2: pip install 'constructs-ml[insight]'"
        ) from error
    found = Environment(
        loader=FileSystemLoader(str(_FOLDER)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["content"] = _content
    return found


def _content(text: str) -> Markup:
    """Escape the text of an element: in it, quotes mean nothing, and data is full of them."""
    from markupsafe import Markup

    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - it is escaped
