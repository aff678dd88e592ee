"""Transform jobs, as ``sagemaker:createTransformJob`` runs them."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.folders import files_below
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.archives import unpack
from constructs_ml.local.host.cluster import Ending, Outcome
from constructs_ml.local.host.contract import Command, Host, command_for
from constructs_ml.local.host.keys import join_uri
from constructs_ml.local.host.ports import free_port
from constructs_ml.local.host.sandbox import OPT_ML
from constructs_ml.local.host.settings import GATEWAY
from constructs_ml.local.host.unpacking import gunzipped
from constructs_ml.local.jobs.job import ContainerJob
from constructs_ml.local.jobs.transform import batches, serve
from constructs_ml.local.jobs.transform.client import ModelServer
from constructs_ml.local.jobs.transform.records import DataProcessing
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_ml.local.aws.permissions import Need
    from constructs_ml.local.host.container import Container
    from constructs_ml.local.host.storage import S3Object
    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services


@dataclass(frozen=True)
class Model:
    """A model whose packages are resolved.

    Attributes:
        name: Its name.
        role_arn: The role that its containers run under.
        containers: Its containers in the order that a request passes them.
        vpc: The network that they run in.
    """

    name: str
    role_arn: str
    containers: list[dict[str, Any]]
    vpc: dict[str, list[str]] | None = None

    @property
    def images(self) -> list[str]:
        """The images of the containers."""
        return [str(container.get("Image", "")) for container in self.containers]

    @property
    def archives(self) -> list[str]:
        """The URIs of its containers' data in S3."""
        return [uri for container in self.containers if (uri := data_of(container)[0])]


def data_of(container: dict[str, Any]) -> tuple[str, bool]:
    """The URI of a container's model data, and whether it is an archive.

    Args:
        container: A ContainerDefinition.

    Returns:
        The S3 URI, empty if it has none; and whether a ``.tar.gz`` lies there rather than plain files.
    """
    source = (container.get("ModelDataSource") or {}).get("S3DataSource")
    if source:
        return str(source["S3Uri"]), source.get("CompressionType") == "Gzip"
    return str(container.get("ModelDataUrl") or ""), True


_START_SECONDS = 120
_INVOCATION_SECONDS = 600
_MEGABYTES = 6
_POLL_SECONDS = 0.05
_DEFAULT_PROGRAM = "inference.py"
# Where containers listen on SageMaker.
_PORT = 8080
_SOCKET_BYTES = 4
_RELAY = str(Path(__file__).with_name("relay.py"))


class TransformJob(ContainerJob):
    """A transform job: each instance serves the model and processes its share of the objects.

    Args:
        request: The CreateTransformJob request, valid.
        services: The embedded AWS.
        call: The caller that created it.
        model: The model.
    """

    kind = JobKind.TRANSFORM

    def __init__(self, request: dict[str, Any], services: Services, call: Call, model: Model) -> None:
        self._model = model
        super().__init__(request, services, call)
        self._addresses: dict[int, Path | int] = {}
        self._results: dict[S3Object, Path] = {}

    def _role_arn(self) -> str:
        return self._model.role_arn

    def _cluster(self) -> dict[str, Any]:
        resources: dict[str, Any] = self.request["TransformResources"]
        return resources

    def _containers(self) -> int:
        # The containers of a pipeline are neighbours: each has an /opt/ml of its own.
        return super()._containers() * len(self._model.containers)

    def _needs(self, **more: Any) -> list[Need]:  # noqa: ANN401 - images and network
        return super()._needs(images=self._model.images, vpc=self._model.vpc, **more)

    def _definition(self, host: Host) -> dict[str, Any]:
        return self._model.containers[host.index % len(self._model.containers)]

    # The model.

    def _prepare(self, host: Host) -> None:
        container = self._definition(host)
        if container.get("Mode") == "MultiModel":
            message = f"model {self._model.name} is a multi-model, which batch transform does not support"
            raise JobError(message)
        uri, archived = data_of(container)
        target = host.ml / "model"
        target.mkdir()
        if uri and archived:
            unpack(self.storage, uri, target, by_way_of=host.ml.parent / "model.tar.gz")
        elif uri:
            self.storage.download(self.storage.find(uri), target)
        code = str((container.get("Environment") or {}).get("SAGEMAKER_SUBMIT_DIRECTORY", ""))
        if code.startswith("s3://"):
            unpack(self.storage, code, host.ml / "code", by_way_of=host.ml.parent / "sourcedir.tar.gz")

    def _command(self, host: Host) -> Command:
        container = self._definition(host)
        given = {name: str(value) for name, value in (container.get("Environment") or {}).items()}
        environment = {
            **given,
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_BIND_TO_PORT": str(_PORT),
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(self.request.get("MaxPayloadInMB", _MEGABYTES)),
            "SM_MODEL_DIR": f"{OPT_ML}/model",
        }
        program = self._program(host, given)
        if program is None:
            command = [*command_for(container.get("Image", ""), self.services.images), "serve"]
            return self._serving_command(host, command, environment)
        directory = program.rpartition("/")[0]
        environment["PYTHONPATH"] = directory
        self._addresses[host.index] = address = self._socket()
        argv = ["python3", str(Path(serve.__file__)), program, f"{OPT_ML}/model", str(address)]
        return Command(argv, cwd=directory, environment=environment)

    def _serving_command(self, host: Host, command: list[str], environment: dict[str, str]) -> Command:
        """Return the command of an image that listens on a port, in a network of its own if possible."""
        if not self.services.sandbox.isolates_network:
            self._addresses[host.index] = port = free_port()
            return Command(command, environment={**environment, "SAGEMAKER_BIND_TO_PORT": str(port)})
        self._addresses[host.index] = address = self._socket()
        gateway_port = self.services.clients.endpoint_url.rpartition(":")[2]
        gateway = self.services.sockets / GATEWAY
        relayed = ["python3", _RELAY, str(address), str(_PORT), str(gateway), gateway_port, *command]
        return Command(relayed, environment=environment, own_network=True)

    def _socket(self) -> Path:
        return self.services.sockets / secrets.token_hex(_SOCKET_BYTES)

    def _program(self, host: Host, environment: dict[str, str]) -> str | None:
        """The script that serves the model; None if the image's own entry point does."""
        name = environment.get("SAGEMAKER_PROGRAM", "")
        image = str(self._definition(host).get("Image", ""))
        mapped = any(part in image for part in self.services.images)
        if not name and mapped:
            return None
        for directory in ("code", "model/code"):
            for program in (name, *([] if name else [_DEFAULT_PROGRAM])):
                if program and (host.ml / directory / program).is_file():
                    return f"{OPT_ML}/{directory}/{program}"
        if name:
            message = f"there is no {name} (SAGEMAKER_PROGRAM) in SAGEMAKER_SUBMIT_DIRECTORY or in code/ of the model's archive"
            raise JobError(message)
        return None

    # The data.

    def _follow(self, containers: list[Container]) -> Ending:
        """Send the objects through the model, and check meanwhile whether to stop."""
        ended = threading.Event()
        failures: list[Exception] = []
        feeder = threading.Thread(
            target=self._feed, args=(containers, failures, ended), name=f"transform {self.name}", daemon=True
        )
        feeder.start()
        while not ended.wait(_POLL_SECONDS):
            self._raise_late_errors()
            if self.stopping.is_set():
                return Ending(Outcome.STOPPED)
        if failures:
            codes = [code for container in containers if (code := container.poll())]
            if codes and not isinstance(failures[0], JobError):
                return Ending(Outcome.FAILED, codes[0])
            raise failures[0]
        return Ending(Outcome.COMPLETED)

    def _feed(self, containers: list[Container], failures: list[Exception], ended: threading.Event) -> None:
        try:
            size = len(self._model.containers)
            servers = [self._server(host, container) for host, container in zip(self.hosts, containers, strict=True)]
            instances = [servers[first : first + size] for first in range(0, len(servers), size)]
            for server in servers:
                if not server.await_ready(_START_SECONDS):
                    time.sleep(_POLL_SECONDS)  # for its last words to be read
                    failures.append(RuntimeError("the model's server did not start"))
                    return
            self._transform(instances)
        except Exception as error:  # noqa: BLE001 - passed to the thread that follows
            failures.append(error)
        finally:
            ended.set()

    def _server(self, host: Host, container: Container) -> ModelServer:
        return ModelServer(self._addresses[host.index], lambda: container.poll() is None)

    def _transform(self, instances: list[list[ModelServer]]) -> None:
        source = self.request["TransformInput"]["DataSource"]["S3DataSource"]
        objects = sorted(self.storage.find(source["S3Uri"], source["S3DataType"]), key=lambda found: found.uri)
        said = instances[0][0].parameters()
        workers = self.request.get("MaxConcurrentTransforms") or said.get("MaxConcurrentTransforms") or 1
        processing = DataProcessing.of(self.request)
        for index, found in enumerate(objects):
            servers = instances[index % len(instances)]
            answer = partial(self._answer, processing, servers)
            answers = _in_order(answer, self._payloads(self._content(found), said), int(workers))
            assemble = self.request["TransformOutput"].get("AssembleWith") or "None"
            self._results[found] = target = self.hosts[0].ml.parent / "transformed" / str(index)
            target.parent.mkdir(exist_ok=True)
            with target.open("wb") as file:
                for piece in batches.assembled(answers, assemble):
                    file.write(piece)

    def _content(self, found: S3Object) -> Iterator[bytes]:
        content = self.storage.read(found)
        packed = self.request["TransformInput"].get("CompressionType") == "Gzip"
        return gunzipped(content, found.uri) if packed else content

    def _payloads(self, content: Iterator[bytes], said: dict[str, Any]) -> Iterator[bytes]:
        strategy = self.request.get("BatchStrategy") or str(said.get("BatchStrategy", "")).title().replace("_", "")
        megabytes = self.request.get("MaxPayloadInMB")
        return batches.payloads(
            content,
            split=self.request["TransformInput"].get("SplitType") or "None",
            strategy=strategy or "MultiRecord",
            megabytes=int(said.get("MaxPayloadInMB", _MEGABYTES) if megabytes is None else megabytes),
        )

    def _answer(self, processing: DataProcessing, servers: list[ModelServer], payload: bytes) -> bytes:
        config = self.request.get("ModelClientConfig") or {}
        seconds = config.get("InvocationsTimeoutInSeconds") or _INVOCATION_SECONDS
        body, kind = processing.sent(payload), str(self.request["TransformInput"].get("ContentType") or "")
        accept = str(self.request["TransformOutput"].get("Accept") or "")
        for server in servers:
            last = server is servers[-1]
            body, kind = server.invoke(body, kind, accept if last else "", seconds)
        return processing.kept(payload, body)

    def _give(self, folder: Path) -> dict[str, Any]:
        output = self.request["TransformOutput"]
        found = {str(name): file for name, file in files_below(folder).items()}
        self.storage.upload(found, output["S3OutputPath"], kms_key=output.get("KmsKeyId"))
        return {}

    def _collect(self, ending: Ending) -> dict[str, Any]:
        if ending.outcome is Outcome.COMPLETED:
            output = self.request["TransformOutput"]
            for found, target in self._results.items():
                place = join_uri(output["S3OutputPath"], f"{found.path}.out")
                self.storage.upload_file(target, place, kms_key=output.get("KmsKeyId"))
        return {}


def _in_order(answer: Callable[[bytes], bytes], payloads: Iterator[bytes], workers: int) -> Iterator[bytes]:
    """Yield the responses in the order of their payloads, and read no more payloads than are being processed."""
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for payload in payloads:
            waiting.append(pool.submit(answer, payload))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
