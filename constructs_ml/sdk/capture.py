"""The request that the SageMaker SDK would make."""

from __future__ import annotations

import json
import logging
import os
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import ConstructsMLError
from constructs_ml.sdk.lost import lost_in_files, spelled_out
from constructs_ml.sdk.placeholders import Placeholders
from constructs_ml.sdk.session import Uploads, plain_session_class, session_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_ml.errors import Fault

JOB_NAME = "job"
"""Stands for the name that the SDK would make of a time."""


class RefusedBySdkError(ValueError):
    """The SDK makes no request of an object."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A request and what belongs to it.

    Attributes:
        request: The request, as the API names its members, with placeholders in it.
        uploads: Copies of what the SDK would have uploaded, by URI.
        placeholders: The values of the placeholders.
        faults: The faults of the object's values that cannot be passed on.
    """

    request: dict[str, Any]
    uploads: dict[str, Path]
    placeholders: Placeholders
    faults: tuple[Fault, ...] = ()


def capture(thing: Any, method: str, arguments: Mapping[str, Any], folder: Path) -> Captured:  # noqa: ANN401 - the SDK's
    """Make an object of the SDK build its request.

    Args:
        thing: The object; it is left as it is.
        method: The method that would start the job.
        arguments: The method's arguments.
        folder: Takes copies of what would be uploaded.

    Raises:
        RefusedBySdkError: If the SDK raises anything.
        ValueError: If a value of the request is not one that the API could take, such as a pipeline variable.
    """
    uploads = Uploads(folder)
    session = session_class()(_region(thing), uploads, _config(thing))
    placeholders = Placeholders(session, plain_session_class())
    twin, given = placeholders.encode(thing), placeholders.encode(dict(arguments))
    with _quietly():
        try:
            step = getattr(twin, method)(**given)
            # One method of the SDK may hand over to another.
            while getattr(step, "func", None) is not None:
                step = step.func(*step.func_args, **step.func_kwargs)
        except ConstructsMLError:
            raise
        except Exception as error:
            raise RefusedBySdkError(f"{type(error).__name__}: {' '.join(str(error).split())}") from error
        placeholders.close()
    request = {name: value for name, value in session.context.args.items() if value is not None}
    plain = _plain(request)
    faults = (*lost_in_files(uploads.files, placeholders), *spelled_out(plain, placeholders))
    return Captured(plain, uploads.files, placeholders, faults)


def _config(thing: Any) -> Any:  # noqa: ANN401
    """The SDK's configuration of defaults, where the object's session has one of its own."""
    session = getattr(thing, "sagemaker_session", None)
    return getattr(session, "sagemaker_config", None) or None


def _region(thing: Any) -> str:  # noqa: ANN401
    session = getattr(thing, "sagemaker_session", None)
    return str(getattr(session, "boto_region_name", None) or "us-east-1")


def _plain(request: dict[str, Any]) -> dict[str, Any]:
    def refuse(value: object) -> Any:  # noqa: ANN401
        kind = type(value).__name__
        raise ValueError(
            f"the SDK's request has a {kind} in it, which no API takes; pass ml.execution_input(...) instead"
        )

    plain: dict[str, Any] = json.loads(json.dumps(request, default=refuse))
    return plain


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the SDK's remarks on pipelines, and without its look at the account for the role."""
    before = os.environ.get("SAGEMAKER_VALIDATE_ROLE")
    logger = logging.getLogger("sagemaker")
    level = logger.level
    os.environ["SAGEMAKER_VALIDATE_ROLE"] = "false"
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        if before is None:
            del os.environ["SAGEMAKER_VALIDATE_ROLE"]
        else:
            os.environ["SAGEMAKER_VALIDATE_ROLE"] = before
