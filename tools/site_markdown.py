"""Makes Markdown of a docstring's own marks: references such as ``:class:`~package.Name``` and examples after ``::``."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r":(?:attr|class|data|func|meth|mod):`~?(?:[\w.]+\.)?(\w+)`")
_EXAMPLE = re.compile(
    r"^(?P<indent> *)(?P<before>.*?)::\n"  # a line that ends in two colons,
    r"(?P<code>(?:(?P=indent) {4,}.*(?:\n|\Z)|[ ]*\n)+)",  # and what stands deeper below it
    re.MULTILINE,
)


def markdown(text: str) -> str:
    """Return a docstring as Markdown.

    Args:
        text: The docstring.
    """
    return _EXAMPLE.sub(_fenced, _REFERENCE.sub(r"`\1`", text)).rstrip("\n")


def _fenced(found: re.Match[str]) -> str:
    """Return an example in fences, after the text that announced it."""
    indent, before = found["indent"], found["before"].rstrip()
    code = "\n".join(line[4:] for line in found["code"].strip("\n").splitlines())
    announced = f"{indent}{before}:\n\n" if before else ""
    return f"{announced}{indent}```python\n{code}\n{indent}```\n\n"
