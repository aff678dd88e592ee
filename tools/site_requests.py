"""What the pages of a built site load from other hosts: nothing, or it is a mistake."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOADING = {"src", "srcset", "poster", "data", "xlink:href"}
"""The attributes of which a browser loads what they name, whatever the element; ``href`` only of a ``link``."""
_ELSEWHERE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_STYLE = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)


class _Page(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what an element loads."""
        for name, value in attrs:
            if value and (name in LOADING or (name == "href" and tag == "link")) and _ELSEWHERE.match(value):
                self.loaded.append(value.strip())
            elif name == "style" and value:
                self.loaded += _STYLE.findall(value)


def loaded_from_elsewhere(site: Path) -> Iterator[tuple[str, str]]:
    """Yield each page or style sheet with an address that it loads from another host.

    Args:
        site: The folder of the site.
    """
    for path in sorted(site.rglob("*.html")):
        page, text = _Page(), path.read_text(encoding="utf-8")
        page.feed(text)
        styles = re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL)
        found = [*page.loaded, *(address for style in styles for address in _STYLE.findall(style))]
        yield from ((path.relative_to(site).as_posix(), address) for address in found)
    for path in sorted(site.rglob("*.css")):
        found = _STYLE.findall(path.read_text(encoding="utf-8"))
        yield from ((path.relative_to(site).as_posix(), address) for address in found)
