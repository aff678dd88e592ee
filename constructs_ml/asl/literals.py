"""Names and texts as both query languages of ASL write them."""

from __future__ import annotations

import re


def member_path(*names: str, root: str = "$") -> str:
    """A JSONPath to a member: ``$.a.b``, or ``$['a b']`` for a name that is not an identifier."""
    return root + "".join(
        f".{name}" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f"['{name}']" for name in names
    )


_JSONATA_WORDS = frozenset({"and", "false", "function", "in", "null", "or", "true"})


def key_for(name: str) -> str:
    """A name as the key of a member: quotes, backslashes and control characters, which no path can hold, are replaced."""
    return re.sub(r"['\"`\\\x00-\x1f\x7f]", "_", name)


def jsonata_name(name: str) -> str:
    """A field name as JSONata writes it in a path."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name not in _JSONATA_WORDS
    return name if plain else f"`{name}`"


def jsonata_text(text: str) -> str:
    """A string literal of JSONata, which has no escape for a single quote: a text with one stands in double quotes."""
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return '"' + escaped.replace('"', '\\"') + '"' if "'" in text else f"'{escaped}'"


def escape(text: str, special: str) -> str:
    """Escapes characters, but not those of CDK tokens, which stand for text that is filled in at deployment."""
    # A token matches as a whole, and is put back as it is.
    return re.sub(rf"(\$\{{Token\[[^\]]*\]\}})|([{re.escape(special)}])", _escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[1] or f"\\{found[2]}"


def quoted(text: str) -> str:
    """A text literal of an intrinsic function, whose special characters are escaped."""
    return f"'{text}'"
