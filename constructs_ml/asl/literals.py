"""Names and string literals in both query languages of ASL."""

from __future__ import annotations

import re


def member_path(*names: str, root: str = "$") -> str:
    """Return a JSONPath to a member: ``$.a.b``, or ``$['a b']`` for a name that is not an identifier."""
    return root + "".join(
        f".{name}" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f"['{name}']" for name in names
    )


_JSONATA_WORDS = frozenset({"and", "false", "function", "in", "null", "or", "true"})


def key_for(name: str) -> str:
    """Replace the quotes, backslashes and control characters of a key, which no path can contain."""
    return re.sub(r"['\"`\\\x00-\x1f\x7f]", "_", name)


def jsonata_name(name: str) -> str:
    """Return a field name as JSONata writes it in a path."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name not in _JSONATA_WORDS
    return name if plain else f"`{name}`"


def jsonata_text(text: str) -> str:
    """Return a string literal of JSONata, in double quotes if it has a single quote, for which there is no escape."""
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return '"' + escaped.replace('"', '\\"') + '"' if "'" in text else f"'{escaped}'"


def escape(text: str, special: str) -> str:
    """Escape characters, except those of CDK tokens, which are replaced at deployment."""
    # A token matches as a whole, and is put back unchanged.
    return re.sub(rf"(\$\{{Token\[[^\]]*\]\}})|([{re.escape(special)}])", _escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[1] or f"\\{found[2]}"


def quoted(text: str) -> str:
    """Return a string literal of an intrinsic function, from text whose special characters are escaped."""
    return f"'{text}'"
