"""What a state needs its role to be allowed."""

from __future__ import annotations

from dataclasses import dataclass

ANY = ("*",)
"""A resource that is not known."""
SAGEMAKER = "sagemaker.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Need:
    """Some actions on a resource.

    Attributes:
        actions: The actions, each in full; what is not required may have wildcards.
        resources: The ARN of the resource as it may be written, with wildcards for what is known only at run time; it is
            enough to be allowed one; the most likely first. ``ANY`` if nothing is known of it.
        passed_to: The service that a role is passed to; empty if none is, or that does not matter.
        required: Whether the call fails without it, or harm is done. Otherwise it may be granted, as AWS's own policies do.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ANY
    passed_to: str = ""
    required: bool = True

    @property
    def is_known(self) -> bool:
        """Whether it is known which resource it is."""
        first = self.resources[0]
        return first not in ANY and not first.endswith((":*", "/*"))


def optional(*actions: str, on: tuple[str, ...] = ANY) -> Need:
    """What may be granted but need not."""
    return Need(actions, on, required=False)


def arn(service: str, resource: str) -> str:
    """The ARN of a resource, wherever it is deployed."""
    return f"arn:*:{service}:*:*:{resource}"
