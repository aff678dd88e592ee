"""Placeholders for what the SageMaker SDK must not see: values that are known only at deployment or at run time.

It parses URIs, joins strings and writes JSON; a token among them is silently taken for a local path. So each string
with such a value is swapped for a placeholder that is a valid URI, and swapped back in the request that comes out.
"""

from __future__ import annotations

import copy
import re
from enum import Enum
from typing import Any

from constructs_ml.asl.expressions import join
from constructs_ml.core.s3_data import S3Data
from constructs_ml.core.values import parse_text

_PLACEHOLDER = re.compile(r"s3://constructs-ml-value/\d{4}x")
_KNOWN_LATER = ("${Token[", "{%")


class Placeholders:
    """Swaps values in an object of the SDK for placeholders, and back in its request.

    Args:
        session: The offline session that takes the place of the object's own.
        replaced: The class of the sessions that it takes the place of.
    """

    def __init__(self, session: Any, replaced: type) -> None:  # noqa: ANN401 - the SDK's class
        self._session = session
        self._replaced = replaced
        self._values: dict[str, str | S3Data] = {}
        self._done: dict[int, Any] = {}

    def encode(self, value: Any) -> Any:  # noqa: ANN401 - any object
        """A copy with placeholders in it; the object is left as it is."""
        if isinstance(value, S3Data) or (isinstance(value, str) and any(mark in value for mark in _KNOWN_LATER)):
            return self._placeholder(value)
        if isinstance(value, self._replaced):
            return self._session
        if isinstance(value, dict):
            return {self.encode(key): self.encode(item) for key, item in value.items()}
        if type(value) in {list, tuple}:
            return type(value)(self.encode(item) for item in value)
        if _is_of_sdk(value):
            return self._copied(value)
        return value

    def decode(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """The values in place of their placeholders, as runtime values of the kernel."""
        if isinstance(value, dict):
            return {self.decode(key): self.decode(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.decode(item) for item in value]
        if isinstance(value, str) and _PLACEHOLDER.search(value):
            texts = _PLACEHOLDER.split(value)
            found = [self._location(item) for item in _PLACEHOLDER.findall(value)] + [""]
            return join(*(part for pair in zip(texts, found, strict=True) for part in pair))
        return value

    def data(self, uri: str) -> S3Data | None:
        """The place that was passed as such, if the URI stands for one."""
        found = self._values.get(uri)
        return found if isinstance(found, S3Data) else None

    def text(self, uri: str) -> str:
        """The text as the user wrote it."""
        return _PLACEHOLDER.sub(lambda match: _written(self._values[match[0]]), uri)

    def found_in(self, content: bytes) -> list[str]:
        """The values, as the user wrote them, whose placeholders are in a content."""
        return [_readable(value) for mark, value in self._values.items() if mark.encode() in content]

    def close(self) -> None:
        """Remove the folders that the copies have made."""
        for own, twin in self._done.values():
            for name in ("_temp_code_dir", "_tuner_temp_dir"):
                folder = getattr(twin, name, None)
                if folder is not None and folder is not getattr(own, name, None):
                    folder.cleanup()

    def _placeholder(self, value: str | S3Data) -> str:
        for known, other in self._values.items():
            if other == value:
                return known
        made = f"s3://constructs-ml-value/{len(self._values):04}x"
        self._values[made] = value
        return made

    def _location(self, placeholder: str) -> Any:  # noqa: ANN401 - a text or a runtime value
        value = self._values[placeholder]
        return value.location if isinstance(value, S3Data) else parse_text(value)

    def _copied(self, value: Any) -> Any:  # noqa: ANN401
        if id(value) in self._done:
            return self._done[id(value)][1]
        twin = value.model_copy() if hasattr(value, "model_copy") else copy.copy(value)
        # The object is kept beside its twin: its id must not become another's.
        self._done[id(value)] = (value, twin)
        for name, item in list(vars(twin).items()):
            vars(twin)[name] = self.encode(item)
        # What a model of pydantic keeps to itself is no attribute of this kind, and shared with its copy.
        private = getattr(twin, "__pydantic_private__", None)
        if private:
            object.__setattr__(
                twin, "__pydantic_private__", {name: self.encode(item) for name, item in private.items()}
            )
        return twin


def _readable(value: str | S3Data) -> str:
    """A value without the names that aws-cdk-lib gives to tokens."""
    location = value.location if isinstance(value, S3Data) else parse_text(value)
    if isinstance(location, str):
        return _TOKEN.sub(lambda found: found[1].replace(".", " "), location)
    try:
        return location.jsonpath
    except ValueError:
        return location.jsonata


_TOKEN = re.compile(r"\$\{Token\[([^\]]*)\.\d+\]\}")


def _written(value: str | S3Data) -> str:
    return value.uri if isinstance(value, S3Data) else value


def _is_of_sdk(value: object) -> bool:
    if isinstance(value, (type, Enum)) or not hasattr(value, "__dict__") or callable(value):
        return False
    return any(base.__module__.partition(".")[0] == "sagemaker" for base in type(value).__mro__)
