"""Configurations and files of the user's in S3, for containers that find files by name."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.core.archive import named_file
from constructs_ml.core.context import context_of
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.s3_data import SCHEME, S3Data
from constructs_ml.errors import LinkError
from constructs_ml.iam.job_role import JobAccess, job_statements
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from constructs import Construct

    from constructs_ml.core.cdk_types import AnyRole
    from constructs_ml.core.context import ScopeContext
    from constructs_ml.errors import Faults
    from constructs_ml.iam.statements import Statement


def named_json(context: ScopeContext, name: str, value: Any) -> S3Data:  # noqa: ANN401 - any JSON
    """A JSON file of a value, the same bytes for the same value."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(json.dumps(value, indent=1, sort_keys=True), encoding="utf-8")
        return named_file(context, path)


def known_later(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """The paths of the values that are known only after synth: a file cannot hold them."""
    if is_dynamic(value):
        yield path or "the configuration"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from known_later(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from known_later(item, f"{path}[{at}]")


def staged_all(context: ScopeContext, prop: str, given: Sequence[str | Path | S3Data], faults: Faults) -> list[S3Data]:
    """Files that are given as paths of this machine or places in S3, all in S3.

    Args:
        context: The context of the job's scope.
        prop: The prop that they are given in.
        given: The files.
        faults: Takes those that do not exist.
    """
    found = []
    for item in given:
        if isinstance(item, S3Data):
            found.append(item)
        elif str(item).startswith(SCHEME):
            found.append(S3Data.from_uri(str(item)))
        elif Path(item).exists():
            try:
                found.append(named_file(context, Path(item)))
            except LinkError as error:
                faults.add(prop, f"cannot be shipped: {error}")
        else:
            fix = "check the path: it is relative to the folder that the app runs in"
            faults.add(prop, f"must exist, got {str(item)!r}, which does not in {Path.cwd().name}/", fix)
    return found


def below(place: S3Data, name: str) -> S3Data:
    """An object in a place."""
    from constructs_ml.asl.expressions import Format, join

    last = place.location.parts[-1] if isinstance(place.location, Format) else place.location
    slash = "" if isinstance(last, str) and last.endswith("/") else "/"
    return S3Data(join(place.location, f"{slash}{name}"), place.objects)


def json_of(value: Mapping[str, Any]) -> str:
    """A value as one line of JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def allow(
    scope: Construct,
    role: AnyRole | None,
    *,
    reads: Sequence[S3Data] = (),
    writes: Sequence[S3Data] = (),
    other: Iterable[Statement] = (),
) -> None:
    """Grant a job's container access to S3, and further permissions.

    Args:
        scope: The scope that the job is defined in.
        role: The role that the job asks for, if any.
        reads: The data that it reads.
        writes: The locations that it writes to.
        other: Further permissions.
    """
    context = context_of(scope)
    access = JobAccess(JobKind.PROCESSING.log_group, other=list(other))
    access.reads += [objects for data in reads for objects in data.objects]
    access.writes += [objects for data in writes for objects in data.objects]
    permissions_for(context, role).allow(job_statements(access, context.of_stack.place))
