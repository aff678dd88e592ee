"""The images in requests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import is_jsonata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.lint.security.call import Call
    from constructs_ml.lint.security.subject import Subject

_MEMBERS = ("Image", "ImageUri", "RuleEvaluatorImage", "TrainingImage")
_ACCESS = ("ImageConfig.RepositoryAccessMode", "TrainingImageConfig.TrainingRepositoryAccessMode")
_TOKEN = re.compile(r"\$\{[^}]*\}")
_UNKNOWN = "…"


@dataclass(frozen=True, slots=True)
class Image:
    """An image in a request.

    Attributes:
        call: The request.
        member: Its path.
        uri: Its URI; parts that are known only at deployment read ``…``.
        in_vpc: Whether it is pulled from a registry in the user's VPC.
    """

    call: Call
    member: str
    uri: str
    in_vpc: bool

    @property
    def host(self) -> str:
        """The registry: ``docker.io`` if the URI has none, empty if it is not known."""
        host, slash, _ = self.uri.partition("/")
        if _UNKNOWN in host:
            return ""
        return host.lower() if slash and ("." in host or ":" in host or host == "localhost") else "docker.io"

    @property
    def repository(self) -> str:
        """The repository's name, without the registry."""
        return re.split("[:@]", self.uri.partition("/")[2])[0]

    @property
    def tag(self) -> str | None:
        """The tag, ``latest`` if there is none; None for a digest, or if it is not known."""
        name, _, tag = self.uri.rpartition("/")[2].partition(":")
        if "@" in self.uri or _UNKNOWN in (tag or name):
            return None
        return tag or "latest"


def images(subject: Subject) -> Iterator[Image]:
    """Yield all images whose URIs are at least partly known."""
    for call in subject.calls:
        for part in call.parts:
            for name in _MEMBERS:
                uri = part.body.get(name)
                shape = part.shape.members.get(name)
                if shape is not None and shape.type == "string" and isinstance(uri, str) and not is_jsonata(uri):
                    in_vpc = any(part.get(mode) == "Vpc" for mode in _ACCESS)
                    yield Image(call, part.at(name), _TOKEN.sub(_UNKNOWN, uri), in_vpc)
