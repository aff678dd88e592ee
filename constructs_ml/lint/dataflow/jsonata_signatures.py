"""What the functions of JSONata take: their signatures.

A letter for each parameter: text (s), number (n), boolean (b), null (l), list (a), object (o), function (f), what JSON has (j),
anything (x), one of several (``(sf)``). ``-`` says that it is what is in sight if it is left out, ``?`` that it may be left out,
``+`` that there may be more, ``<n>`` what the items of a list are.

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
_WORDS = {"a": "list", "b": "boolean", "f": "function", "n": "number", "o": "object", "s": "text"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter.

    Attributes:
        letters: The types that it may have.
        items: What the items of a list are; empty if anything.
        mark: Whether it may be left out, or be there more than once.
    """

    letters: str
    items: str
    mark: str

    @property
    def pattern(self) -> str:
        """The types of the arguments that it takes, as a regular expression: m is nothing, and a value counts as a list."""
        known = {"a": _ANYTHING, "x": _ANYTHING, "j": "asnblom", "f": "f"}
        return f"[{known.get(self.letters, f'{self.letters}m')}]{self.mark.replace('-', '?')}"

    @property
    def text(self) -> str:
        """What it is, in words."""
        if self.items:
            return f"list of {_WORDS[self.items]}s"
        return " or ".join(_WORDS.get(letter, "value") for letter in self.letters)


def _in_text(text: str) -> str:
    """A parameter of a function that looks into a text: what it looks for is a pattern, which is a function."""
    return text.replace("function", "pattern")


@cache
def parameters_of(signature: str) -> tuple[Parameter, ...]:
    """The parameters that a signature has."""
    return tuple(
        Parameter(letters.strip("()"), items or "", mark) for letters, items, mark in _PARAMETER.findall(signature)
    )


def usage(name: str) -> str:
    """A function as its documentation writes it: ``$pad(text, number[, text])``."""
    parameters = parameters_of(SIGNATURES[name])
    texts = [parameter.text for parameter in parameters]
    if texts[:1] == ["text"]:
        texts = [_in_text(text) for text in texts]
    optional = [at for at, parameter in enumerate(parameters) if parameter.mark == "?"]
    least = optional[0] if optional else len(texts)
    inside = ", ".join(texts[:least])
    for text in texts[least:]:
        inside += f"[, {text}" if inside else f"[{text}"
    more = ", …" if parameters and parameters[-1].mark == "+" else ""
    return f"${name}({inside}{more}{']' * (len(texts) - least)})"
