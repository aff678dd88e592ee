"""The signatures of JSONata's functions.

A letter for each parameter: string (s), number (n), boolean (b), null (l), list (a), object (o), function (f), JSON
value (j), anything (x), one of several (``(sf)``). ``-`` marks a parameter that defaults to the context value, ``?`` an
optional one, ``+`` a repeatable one; ``<n>`` is the type of a list's items.

Source: the JSONata documentation, "Function library" and, for the letters, "Embedding and extending JSONata".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_SIGNATURE = {
    "": ["millis"],
    "(nsb)-": ["number"],
    "(oa)-": ["clone"],
    "a": ["count", "reverse", "shuffle"],
    "a+": ["zip"],
    "a<n>": ["average", "max", "min", "sum"],
    "a<o>": ["merge"],
    "a<s>s?": ["join"],
    "af": ["filter", "map"],
    "af?": ["single", "sort"],
    "afj?": ["reduce"],
    "bs?": ["assert"],
    "n-": ["abs", "ceil", "floor", "sqrt"],
    "n-n": ["power"],
    "n-n?": ["formatBase", "round"],
    "n-s": ["formatInteger"],
    "n-s?s?": ["fromMillis"],
    "n-so?": ["formatNumber"],
    "o-f": ["each"],
    "o-f?": ["sift"],
    "s-": [
        "base64decode",
        "base64encode",
        "decodeUrl",
        "decodeUrlComponent",
        "encodeUrl",
        "encodeUrlComponent",
        "length",
        "lowercase",
        "trim",
        "uppercase",
    ],
    "s-(sf)": ["contains"],
    "s-(sf)(sf)n?": ["replace"],
    "s-(sf)n?": ["split"],
    "s-fn?": ["match"],
    "s-nn?": ["substring"],
    "s-ns?": ["pad"],
    "s-s": ["parseInteger", "substringAfter", "substringBefore"],
    "s-s?": ["toMillis"],
    "s?": ["error"],
    "s?s?": ["now"],
    "x": ["distinct", "exists", "type"],
    "x-": ["boolean", "keys", "not", "spread"],
    "x-b?": ["string"],
    "x-s": ["lookup"],
    "xx": ["append"],
}
SIGNATURES: Mapping[str, str] = MappingProxyType(
    {name: signature for signature, names in _BY_SIGNATURE.items() for name in names}
)
"""The signature of each function, by its name."""
_PARAMETER = re.compile(r"(\([a-z]+\)|[a-z])(?:<([a-z])>)?([-?+]?)")
_ANYTHING = "asnblfom"
_WORDS = {"a": "list", "b": "boolean", "f": "function", "n": "number", "o": "object", "s": "string"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter.

    Attributes:
        letters: The types that it accepts.
        items: The type of a list's items; empty for any.
        mark: Its mark: defaults to the context value, optional, or repeatable.
    """

    letters: str
    items: str
    mark: str

    @property
    def pattern(self) -> str:
        """The accepted types, as a regular expression: m is nothing, and any value counts as a list of one."""
        known = {"a": _ANYTHING, "x": _ANYTHING, "j": "asnblom", "f": "f"}
        return f"[{known.get(self.letters, f'{self.letters}m')}]{self.mark.replace('-', '?')}"

    @property
    def text(self) -> str:
        """The parameter in words."""
        if self.items:
            return f"list of {_WORDS[self.items]}s"
        return " or ".join(_WORDS.get(letter, "value") for letter in self.letters)


def _in_text(text: str) -> str:
    """Return a string function's parameter in words: a function among its types is documented as a pattern."""
    return text.replace("function", "pattern")


@cache
def parameters_of(signature: str) -> tuple[Parameter, ...]:
    """Return the parameters of a signature."""
    return tuple(
        Parameter(letters.strip("()"), items or "", mark) for letters, items, mark in _PARAMETER.findall(signature)
    )


def usage(name: str) -> str:
    """Return a function's usage as its documentation writes it: ``$pad(string, number[, string])``."""
    parameters = parameters_of(SIGNATURES[name])
    texts = [parameter.text for parameter in parameters]
    if texts[:1] == ["string"]:
        texts = [_in_text(text) for text in texts]
    optional = [at for at, parameter in enumerate(parameters) if parameter.mark == "?"]
    least = optional[0] if optional else len(texts)
    inside = ", ".join(texts[:least])
    for text in texts[least:]:
        inside += f"[, {text}" if inside else f"[{text}"
    more = ", …" if parameters and parameters[-1].mark == "+" else ""
    return f"${name}({inside}{more}{']' * (len(texts) - least)})"
