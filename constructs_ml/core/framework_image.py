"""URIs of SageMaker's own images, the same template for every region and partition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from constructs_ml.core.context import pseudo
from constructs_ml.sagemaker.images import UnknownImageError, find_image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import CfnMapping

    from constructs_ml.core.context import Home
    from constructs_ml.errors import Faults
    from constructs_ml.sagemaker.images import Image


def framework_uri(
    home: Home,
    name: str,
    version: str,
    faults: Faults,
    *,
    scope: str,
    python: str | None,
    processor: str | None,
    container_version: str | None,
    instance_type: str | None,
) -> tuple[str, tuple[str, ...]] | None:
    """The URI of an image and the ARN of its repository; None if there is no such image."""
    region = home.of_stack.region
    try:
        image = find_image(
            name,
            version,
            scope=scope,
            python=python,
            processor=processor,
            container_version=container_version,
            instance_type=instance_type,
        )
        if region is not None:
            account, uri = image.account(region), image.uri(region)
        else:
            account = _account_by_region(home, name, image)
            uri = f"{account}.dkr.ecr.{pseudo('REGION')}.{pseudo('URL_SUFFIX')}/{image.name}"
    except UnknownImageError as error:
        faults.add("image", f"must be an image that SageMaker has: {error}")
        return None
    place = home.of_stack.place
    arn = f"arn:{place.partition}:ecr:{place.region}:{account}:repository/{image.repository}"
    return uri, (arn,)


def _account_by_region(home: Home, framework: str, image: Image) -> str:
    """The account that owns the image in the stack's region, looked up in one mapping of the stack.

    Frameworks whose images are owned by the same accounts share a column.
    """
    from aws_cdk import CfnMapping

    shared = home.of_stack.shared
    table = json.dumps(image.accounts, sort_keys=True)
    key = ("accounts", table)
    if key not in shared:
        if "images" not in shared:
            shared["images"] = CfnMapping(home.of_stack.scope, "SageMakerImages", lazy=True)
        column = _column(framework, [name for kind, name in _columns(shared) if kind == "column"])
        shared["column", column] = True
        shared[key] = _fill(shared["images"], column, image.accounts)
    account: str = shared[key]
    return account


def _columns(shared: Mapping[object, object]) -> list[tuple[str, str]]:
    return [key for key in shared if isinstance(key, tuple) and len(key) == 2]  # noqa: PLR2004 - a kind and a name


def _column(framework: str, taken: list[str]) -> str:
    name = "".join(char for char in framework if char.isalnum())
    return name if name not in taken else f"{name}{len(taken)}"


def _fill(mapping: CfnMapping, column: str, accounts: Mapping[str, str]) -> str:
    for region, account in sorted(accounts.items()):
        mapping.set_value(region, column, account)
    return mapping.find_in_map(pseudo("REGION"), column)
