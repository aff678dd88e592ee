"""The images that jobs run in."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import Token, Tokenization

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format
from constructs_ml.core.context import pseudo
from constructs_ml.core.other_accounts import arn_of
from constructs_ml.core.prop_checks import check_arguments
from constructs_ml.core.values import parse_text
from constructs_ml.sagemaker.images import UnknownImageError, find_image

if TYPE_CHECKING:
    from pathlib import Path

    from aws_cdk import CfnMapping
    from aws_cdk import aws_ecr as ecr

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.context import ScopeContext
    from constructs_ml.errors import Faults
    from constructs_ml.sagemaker.images import Image


def framework_uri(
    context: ScopeContext,
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
    region = context.of_stack.region
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
            account = _account_by_region(context, name, image)
            uri = f"{account}.dkr.ecr.{pseudo('REGION')}.{pseudo('URL_SUFFIX')}/{image.name}"
    except UnknownImageError as error:
        faults.add("image", f"must be an image that SageMaker has: {error}")
        return None
    place = context.of_stack.place
    arn = f"arn:{place.partition}:ecr:{place.region}:{account}:repository/{image.repository}"
    return uri, (arn,)


def _account_by_region(context: ScopeContext, framework: str, image: Image) -> str:
    """The account that owns the image in the stack's region, looked up in one mapping of the stack.

    Frameworks whose images are owned by the same accounts share a column.
    """
    from aws_cdk import CfnMapping

    shared = context.of_stack.shared
    table = json.dumps(image.accounts, sort_keys=True)
    key = ("accounts", table)
    if key not in shared:
        if "images" not in shared:
            shared["images"] = CfnMapping(context.of_stack.scope, "SageMakerImages", lazy=True)
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


_LATER = r"\$\{Token\[[^\]]*\]\}"
_ECR_URI = re.compile(
    rf"(\d{{12}}|{_LATER})\.dkr[.-]ecr(?:-fips)?\.((?:[a-z0-9-]|{_LATER})+)\.(?:[a-z0-9.-]|{_LATER})+"
    rf"/((?:[^:@$\x00]|{_LATER})+)([:@].+)?",
    re.DOTALL,
)
"""An image in ECR; each part may be known only at deployment, its tag only at run time."""
_RUN_TIME = "\x00"
_IN_SUB = re.compile(r"\$\{([\w:.]+)\}")


@dataclass(frozen=True, slots=True)
class BoundImage:
    """An image that is ready for a job.

    Attributes:
        uri: Its URI.
        repository_arns: The ECR repositories that the job's role must be allowed to pull from.
        unknown: Whether its URI is known too late to say which those are.
        pinned: Whether its URI names its content.
    """

    uri: str | Runtime
    repository_arns: tuple[str, ...] = ()
    unknown: bool = False
    pinned: bool = False


class ContainerImage(ABC):
    """The image that a job runs in.

    SageMaker's own images are found by framework and version (:meth:`sklearn`, :meth:`xgboost`, :meth:`pytorch`,
    :meth:`spark`, :meth:`framework`); they resolve in every region and partition that has them. Others come from
    :meth:`from_registry`, :meth:`from_ecr_repository` or :meth:`from_asset`.
    """

    @abstractmethod
    def bind(
        self, context: ScopeContext, *, scope: str, instance_type: str | None, faults: Faults
    ) -> BoundImage | None:
        """Prepare it for a job.

        Args:
            context: The context of the job's scope.
            scope: The purpose of the image: ``processing`` or ``training``.
            instance_type: The job's instance type, which picks between images for CPUs and GPUs.
            faults: Collects the faults.

        Returns:
            The image, or None if it has a fault.
        """

    @staticmethod
    @check_arguments
    def sklearn(version: str, *, python: str | None = None) -> ContainerImage:
        """SageMaker's scikit-learn image: ``ContainerImage.sklearn("1.2-1")``."""
        return FrameworkImage("sklearn", version, python)

    @staticmethod
    @check_arguments
    def xgboost(version: str, *, python: str | None = None) -> ContainerImage:
        """SageMaker's XGBoost image: ``ContainerImage.xgboost("1.7-1")``."""
        return FrameworkImage("xgboost", version, python)

    @staticmethod
    @check_arguments
    def pytorch(
        version: str, *, python: str | None = None, processor: Literal["cpu", "gpu"] | None = None
    ) -> ContainerImage:
        """SageMaker's PyTorch training image: ``ContainerImage.pytorch("2.1.0", python="py310")``.

        Args:
            version: The version of PyTorch.
            python: Such as ``py310``. Default: the only one that this version has.
            processor: ``cpu`` or ``gpu``. Default: what the job's instance type has.
        """
        return FrameworkImage("pytorch", version, python, processor)

    @staticmethod
    @check_arguments
    def spark(version: str, *, python: str | None = None, container_version: str | None = None) -> ContainerImage:
        """SageMaker's Spark processing image: ``ContainerImage.spark("3.3")``."""
        return FrameworkImage("spark", version, python, container_version=container_version)

    @staticmethod
    @check_arguments
    def framework(
        name: str,
        version: str,
        *,
        python: str | None = None,
        processor: Literal["cpu", "gpu"] | None = None,
        container_version: str | None = None,
        scope: str | None = None,
    ) -> ContainerImage:
        """Any image of SageMaker's by the name that the SageMaker SDK's ``image_uris`` knows it by."""
        return FrameworkImage(name, version, python, processor, container_version, scope)

    @staticmethod
    @check_arguments
    def from_registry(uri: str, *, repository: ecr.IRepository | None = None) -> ContainerImage:
        """An image by its URI: a literal, a token, a JsonPath or a JSONata expression.

        Args:
            uri: The URI. SageMaker pulls from ECR.
            repository: Its repository, for the role's statements, where the URI does not say it: it must be passed if the
                account, the region or the name is known only at run time, or all of the URI only at deployment.
        """
        return RegistryImage(uri, repository)

    @staticmethod
    @check_arguments
    def from_ecr_repository(repository: ecr.IRepository, tag_or_digest: str = "latest") -> ContainerImage:
        """An image in an ECR repository."""
        return RegistryImage(repository.repository_uri_for_tag_or_digest(tag_or_digest), repository)

    @staticmethod
    @check_arguments
    def from_asset(directory: str | Path, *, file: str | None = None) -> ContainerImage:
        """An image built from a local Dockerfile when the app is deployed.

        Args:
            directory: The folder with the Dockerfile.
            file: The Dockerfile's name. Default: ``Dockerfile``.
        """
        return AssetImage(str(directory), file)


@dataclass(frozen=True, slots=True)
class FrameworkImage(ContainerImage):
    """One of SageMaker's own images."""

    name: str
    version: str
    python: str | None = None
    processor: Literal["cpu", "gpu"] | None = None
    container_version: str | None = None
    scope: str | None = None
    instance_type: str | None = None

    def bind(
        self, context: ScopeContext, *, scope: str, instance_type: str | None, faults: Faults
    ) -> BoundImage | None:
        """See :meth:`ContainerImage.bind`."""
        found = framework_uri(
            context,
            self.name,
            self.version,
            faults,
            scope=self.scope or scope,
            python=self.python,
            processor=self.processor,
            container_version=self.container_version,
            instance_type=instance_type or self.instance_type,
        )
        return found and BoundImage(*found)


@dataclass(frozen=True, slots=True)
class RegistryImage(ContainerImage):
    """An image by its URI."""

    uri: str
    repository: ecr.IRepository | None = None

    def bind(
        self,
        context: ScopeContext,
        *,
        scope: str,  # noqa: ARG002 - as of all images
        instance_type: str | None,  # noqa: ARG002
        faults: Faults,  # noqa: ARG002
    ) -> BoundImage | None:
        """See :meth:`ContainerImage.bind`."""
        if self.repository is not None:
            return BoundImage(parse_text(self.uri), (arn_of(self.repository, "repository_arn"),))
        uri = parse_text(self.uri)
        arn = _repository_arn(_known(uri))
        if arn is None and _is_later(uri):
            arn = _repository_arn(_flat(context.of_stack.stack.resolve(_known(uri))))
        if arn is None:
            return BoundImage(uri, unknown=_is_later(uri))
        return BoundImage(uri, (arn,))


def _known(uri: str | Runtime) -> str:
    """A URI with a mark for each of its parts that is known only at run time."""
    if isinstance(uri, str):
        return uri
    parts = uri.parts if isinstance(uri, Format) else (uri,)
    return "".join(part if isinstance(part, str) else _RUN_TIME for part in parts)


def _is_later(uri: str | Runtime) -> bool:
    return not isinstance(uri, str) or is_dynamic(uri)


def _repository_arn(uri: str) -> str | None:
    """The repository of an image in ECR; None if the URI does not say it."""
    match = _ECR_URI.fullmatch(uri)
    if match is None:
        return None
    account, region, name, tag = match.groups()
    # What ends with a token may have the tag in it, unless that is the name of a repository.
    last = re.search(rf"({_LATER})$", name)
    if last is not None and tag is None and not _is_repository(last[1]):
        return None
    return f"arn:{pseudo('PARTITION')}:ecr:{region}:{account}:repository/{name}"


def _is_repository(token: str) -> bool:
    found = getattr(Tokenization.reverse_string(token).first_token, "target", None)
    return getattr(found, "cfn_resource_type", "") == "AWS::ECR::Repository"


def _flat(value: Any) -> str:  # noqa: ANN401 - what an intrinsic function is written as
    """The text of intrinsic functions that join strings, in which all others are tokens."""
    if isinstance(value, str):
        return value
    function: str = ""
    argument: Any = None
    if isinstance(value, Mapping) and len(value) == 1:
        ((function, argument),) = value.items()
    if function == "Fn::Join" and argument[0] == "" and isinstance(argument[1], list):
        return "".join(map(_flat, argument[1]))
    if function == "Fn::Sub" and isinstance(argument, str):
        return _IN_SUB.sub(lambda match: _reference(match[1]), argument)
    return Token.as_string(value)


def _reference(name: str) -> str:
    resource, _, attribute = name.partition(".")
    return Token.as_string({"Fn::GetAtt": [resource, attribute]} if attribute else {"Ref": name})


@dataclass(frozen=True, slots=True)
class AssetImage(ContainerImage):
    """An image built from a local Dockerfile."""

    directory: str
    file: str | None = None

    def bind(
        self,
        context: ScopeContext,
        *,
        scope: str,  # noqa: ARG002 - as of all images
        instance_type: str | None,  # noqa: ARG002
        faults: Faults,
    ) -> BoundImage | None:
        """See :meth:`ContainerImage.bind`."""
        from pathlib import Path

        from aws_cdk import aws_ecr_assets as ecr_assets

        from constructs_ml.asl.names import digest

        if not Path(self.directory, self.file or "Dockerfile").is_file():
            faults.add("image", f"must have a {self.file or 'Dockerfile'} in {self.directory!r}", "check the path")
            return None
        key = ("image", self.directory, self.file)
        shared = context.of_stack.shared
        if key not in shared:
            asset = ecr_assets.DockerImageAsset(
                context.of_stack.scope,
                f"Image{digest(f'{self.directory}/{self.file}', 8)}",
                directory=str(Path(self.directory).resolve()),
                file=self.file,
                # SageMaker's instances are x86; a laptop that builds the image may not be.
                platform=ecr_assets.Platform.LINUX_AMD64,
            )
            shared[key] = BoundImage(asset.image_uri, (asset.repository.repository_arn,), pinned=True)
        bound: BoundImage = shared[key]
        return bound
