"""Images of resources that a template puts together: what of them is known before it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs_ml.cfn.intrinsics import Resolver, later
from constructs_ml.sagemaker.registries import IMAGE_MEMBERS

Json = Any
_TEXTS = {"Fn::Join", "Fn::Sub"}
"""The functions of CloudFormation that put a text together."""


def with_images(value: Json, template: Mapping[str, Any]) -> Json:
    """Properties of a resource with the texts of its images, in the place of the functions that put them together.

    Args:
        value: The properties, or what is in them.
        template: The template that the functions refer to.
    """
    if isinstance(value, list):
        return [with_images(item, template) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: Resolver(template).resolve(_unchosen(item))
        if key in IMAGE_MEMBERS and _puts_together(item)
        else with_images(item, template)
        for key, item in value.items()
    }


def _puts_together(value: Json) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and not _TEXTS.isdisjoint(value)


def _unchosen(value: Json) -> Json:
    """The same with a value known only later for each choice: an example of it would prove nothing."""
    if isinstance(value, list):
        return [_unchosen(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return later("If") if "Fn::If" in value else {key: _unchosen(item) for key, item in value.items()}
