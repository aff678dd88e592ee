"""A session of the SageMaker SDK that has no credentials and talks to nothing, and notes what would be uploaded."""

from __future__ import annotations

import copy
import json
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import MissingRequirementError
from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKET = "constructs-ml-offline"
"""Stands for the bucket that the SDK would choose."""
ACCOUNT = "000000000000"
DERIVED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/derived"
"""For the SDK's objects, which insist on a role: the job then runs under the role that the library derives for it."""
_CONFIG = ("sagemaker.core.config.config", "sagemaker.config.config")
_SESSIONS = {"sagemaker.core": "sagemaker.core.workflow.pipeline_context", "sagemaker": "sagemaker.workflow"}

_classes: list[type] = []


def offline_session(region: str = "us-east-1") -> Any:  # noqa: ANN401 - the SDK's class
    """A session for objects of the SageMaker SDK that are only made to become jobs of a workflow.

    Objects with a session of their own can become jobs too: it is left alone.

    Args:
        region: The region that the SDK looks images up for.

    Raises:
        MissingRequirementError: If no SageMaker SDK is installed.
    """
    return session_class()(region)


def session_class() -> type:
    """The class of such sessions, for the SDK that is installed.

    Raises:
        MissingRequirementError: If there is none.
    """
    if not _classes:
        _classes.append(_define(_base()))
    return _classes[0]


def plain_session_class() -> type:
    """The SDK's own class of sessions, whose instances are replaced by one that is offline."""
    # The class in between is the SDK's for pipelines, whose base is the plain one.
    plain: type = session_class().__mro__[2]
    return plain


def _base() -> type:
    for package, module in _SESSIONS.items():
        if find_spec("sagemaker") is not None and find_spec(package) is not None:
            name = module if package == "sagemaker.core" else f"{module}.pipeline_context"
            base: type = import_module(name).PipelineSession
            return base
    raise MissingRequirementError("the SageMaker SDK is not installed; run: pip install 'constructs-ml[sagemaker]'")


def _define(base: Any) -> type:  # noqa: ANN401 - the SDK has no types
    class OfflineSession(base):  # type: ignore[misc] # likewise
        """See the module."""

        def __init__(
            self, region: str, uploads: Uploads | None = None, config: Mapping[str, Any] | None = None
        ) -> None:
            self.uploads = uploads
            quiet = _without_telemetry(_configured() if config is None else config)
            super().__init__(boto_session=OfflineBoto(region, uploads), default_bucket=BUCKET, sagemaker_config=quiet)

        def default_bucket(self) -> str:
            return BUCKET

        def account_id(self) -> str:
            return ACCOUNT

        def get_caller_identity_arn(self) -> str:
            return DERIVED_ROLE

        def expand_role(self, role: str) -> str:
            return role

        def _get_account_id_if_default_bucket(self, bucket: str) -> str | None:  # noqa: ARG002 - the SDK's signature
            return None

        def upload_data(self, path: str, bucket: str | None = None, key_prefix: str = "data", **_: Any) -> str:  # noqa: ANN401
            return _noted(self.uploads).data(Path(path), f"s3://{bucket or BUCKET}/{key_prefix}")

        def upload_string_as_file_body(self, body: Any, bucket: str, key: str, **_: Any) -> str:  # noqa: ANN401
            return _noted(self.uploads).body(body, f"s3://{bucket}/{key}")

    return OfflineSession


def _configured() -> Mapping[str, Any]:
    """The SDK's own configuration of defaults, of this machine's administrator and of the user."""
    for name in _CONFIG:
        if find_spec(name.split(".")[0]) is not None and _has(name):
            found: Mapping[str, Any] = import_module(name).load_sagemaker_config()
            return found
    return {}


def _has(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _without_telemetry(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration, with the SDK's telemetry off: it would call a service."""
    quiet: dict[str, Any] = copy.deepcopy(dict(config))
    quiet.setdefault("SchemaVersion", "1.0")
    modules = quiet
    for name in ("SageMaker", "PythonSDK", "Modules"):
        modules[name] = dict(modules.get(name) or {})
        modules = modules[name]
    modules["TelemetryOptOut"] = True
    return quiet


class Uploads:
    """Copies of what the SDK would upload, by their URI.

    Attributes:
        files: The copies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.files: dict[str, Path] = {}

    def data(self, path: Path, prefix: str) -> str:
        """Record a file or the files of a directory; return the value that the SDK's sessions return."""
        if path.is_dir():
            for name, file in files_below(path).items():
                self.file(file, f"{prefix}/{name.as_posix()}")
            return prefix
        return self.file(path, f"{prefix}/{path.name}")

    def file(self, path: Path, uri: str) -> str:
        """Record a file, which the SDK may remove once it is uploaded."""
        copied = self._new(uri)
        shutil.copy(path, copied)
        if copied.name == "sourcecode.json":
            _name_only(copied)
        return self._kept(uri, copied)

    def body(self, body: Any, uri: str) -> str:  # noqa: ANN401 - a text, bytes or a file
        """Record the content of a file."""
        content = body.read() if hasattr(body, "read") else body
        copied = self._new(uri)
        copied.write_bytes(content.encode() if isinstance(content, str) else content)
        return self._kept(uri, copied)

    def _new(self, uri: str) -> Path:
        # The name says what it is; the number keeps files of one name apart.
        copied = self._folder / str(self._count) / uri.rpartition("/")[2]
        copied.parent.mkdir(parents=True)
        self._count += 1
        return copied

    def _kept(self, uri: str, copied: Path) -> str:
        before = self.files.get(uri)
        if before is not None and before.read_bytes() != copied.read_bytes():
            raise ValueError(
                f"the SDK uploads two different files to {uri}; give them different names, or their inputs"
            )
        self.files[uri] = copied
        return uri


def _name_only(file: Path) -> None:
    """Remove this machine's folders from the file that names the script for the SDK's drivers."""
    told = json.loads(file.read_text(encoding="utf-8"))
    folder = told.get("source_dir")
    if folder and "://" not in folder:
        told["source_dir"] = Path(folder).name
    file.write_text(json.dumps(told), encoding="utf-8")


class OfflineBoto:
    """Stands for a session of boto3's: it knows its region, and makes clients of which none can be called."""

    def __init__(self, region: str, uploads: Uploads | None) -> None:
        self.region_name = region
        self._uploads = uploads

    def client(self, service_name: str, **_: Any) -> _Offline:  # noqa: ANN401
        """A client of a service."""
        return (_Iam if service_name == "iam" else _Offline)(service_name, self._uploads)

    resource = client


class _Offline:
    def __init__(self, name: str, uploads: Uploads | None) -> None:
        self._name = name
        self._uploads = uploads

    def Object(self, bucket: str, key: str) -> _Object:  # noqa: N802 - boto3's name
        return _Object(f"s3://{bucket}/{key}", self._uploads)

    def upload_file(self, path: str, bucket: str, key: str, **_: Any) -> None:  # noqa: ANN401
        _noted(self._uploads).file(Path(path), f"s3://{bucket}/{key}")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("__"):
            raise AttributeError(name)
        raise RuntimeError(
            f"the SageMaker SDK wants to call {self._name} ({name}), but jobs are defined from its objects offline"
        )


class _Iam(_Offline):
    """Answers what model trainers ask of their role when they are made: nothing that it lacks is known."""

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401
        return _NoPages() if operation == "simulate_principal_policy" else self.__getattr__(operation)

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        trusted = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = {"Version": "2012-10-17", "Statement": [trusted]}
        return {"Role": {"Arn": RoleName, "RoleName": RoleName, "AssumeRolePolicyDocument": policy}}


class _NoPages:
    def paginate(self, **_: Any) -> list[Any]:  # noqa: ANN401
        return []


class _Object:
    def __init__(self, uri: str, uploads: Uploads | None) -> None:
        self._uri = uri
        self._uploads = uploads

    def upload_file(self, path: str, **_: Any) -> None:  # noqa: ANN401
        _noted(self._uploads).file(Path(path), self._uri)

    def upload_fileobj(self, body: Any, **_: Any) -> None:  # noqa: ANN401
        _noted(self._uploads).body(body, self._uri)

    def put(self, Body: Any, **_: Any) -> None:  # noqa: ANN401, N803 - boto3's name
        _noted(self._uploads).body(Body, self._uri)


def _noted(uploads: Uploads | None) -> Uploads:
    if uploads is None:
        raise RuntimeError("an offline session uploads nothing; pass the object to from_processor() or the like")
    return uploads
