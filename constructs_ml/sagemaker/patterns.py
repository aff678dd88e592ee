r"""Translation of the service's patterns, which are Java's regular expressions, into Python's.

Three kinds of them are not Python's too:

- ``\p{L}`` and its like name Unicode categories. Python has none, and a class with all letters of Unicode is slow to
  build. So each non-ASCII character of the *value* is replaced by a stand-in for its category (a private code point),
  and the pattern names the stand-ins.
- ``\uD800\uDC00-\uDBFF\uDFFF`` is the range of all characters above U+FFFF, as Java's UTF-16 writes it: four shapes of
  Glue and Athena names (``AthenaCatalog``, ``Catalog``, ``Database``, ``TableName``).
- ``(...)*${1,128}`` repeats an end of text: two shapes of a model package's metadata. The end is the end.

The service matches the whole value, and ``\w``, ``\d`` and ``\s`` are ASCII as in Java.

Source: the documentation of ``java.util.regex.Pattern``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Category -> its ASCII characters, as the inside of a class, and the stand-in of the others.
_CATEGORIES = {
    "L": ("a-zA-Z", "\ue000"),
    "M": ("", "\ue001"),
    "N": ("0-9", "\ue002"),
    "P": (r"!-#%-*,-/:;?@\[-\]_{}", "\ue003"),
    "S": (r"$+<=>\^`|~", "\ue004"),
    "Z": (" ", "\ue005"),
}
_OTHER = "\ue006"
_INSIDES = {category: ascii_part + stand_in for category, (ascii_part, stand_in) in _CATEGORIES.items()}
_INSIDES["Alnum"] = "a-zA-Z0-9"  # a POSIX class: ASCII in Java
_CATEGORY = re.compile(r"\\p\{(\w+)\}")
_REPEATED_END = re.compile(r"(?<!\\)\$\{\d+(,\d*)?\}")
_ASTRAL_IN_UTF16 = r"\uD800\uDC00-\uDBFF\uDFFF"
_ASTRAL = r"\U00010000-\U0010FFFF"


def matches(pattern: str, value: str) -> bool:
    """Return whether the whole value matches; true for a pattern that cannot be written in Python."""
    compiled = translate(pattern)
    if compiled is None:
        return True
    if _CATEGORY.search(pattern):
        value = "".join(char if char.isascii() else _stand_in(char) for char in value)
    return compiled.fullmatch(value) is not None


@cache
def translate(pattern: str) -> re.Pattern[str] | None:
    """Return the pattern in Python's syntax; None if it cannot be written in it."""
    try:
        text = _CATEGORY.sub(lambda found: _INSIDES[found[1]], pattern)
        text = _REPEATED_END.sub("$", text.replace(_ASTRAL_IN_UTF16, _ASTRAL))
        return re.compile(text, re.ASCII)
    except (KeyError, re.error):
        return None


def _stand_in(char: str) -> str:
    category = _CATEGORIES.get(unicodedata.category(char)[0])
    return category[1] if category else _OTHER
