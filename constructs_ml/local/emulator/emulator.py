"""The emulator's process, in the environment of the emulator (``launch``).

It listens on a free port of the loopback interface, hands its parent the port and the run's access key on a pipe, and ends
when the pipe on its standard input closes, or is written to: the parent does so, or is gone, however it went.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.local.host import removal, runtime
from constructs_ml.local.host.channel import Channel
from constructs_ml.local.host.environment import NO_AWS_PROFILES, allowed
from constructs_ml.local.host.processes import PRIVATE, forbid_dumps
from constructs_ml.local.host.settings import FILES, GATEWAY, HIDDEN_FROM_JOBS, STATE, VARIABLE, Settings
from constructs_ml.sagemaker import model

if TYPE_CHECKING:
    from constructs_ml.local.api.service import SageMaker
    from constructs_ml.local.aws.clients import Clients
    from constructs_ml.local.emulator.principals import Principals
    from constructs_ml.local.emulator.sessions import Sessions

_LOOPBACK = "127.0.0.1"
_WATCH_SECONDS = 0.5
_IDLE_SECONDS = 5


def main() -> None:
    """Run the emulator until the parent goes."""
    forbid_dumps()  # before there is a key in memory
    os.umask(PRIVATE)
    settings = Settings.loads(os.environ.pop(VARIABLE))
    sys.executable = settings.interpreter  # what jobs and functions are run with, also by the emulator
    if settings.model:
        model.use(Path(settings.model))
    channel = _claim_stdout()
    running: list[SageMaker] = []
    # From the beginning: what follows takes a second or two.
    threading.Thread(target=_end_with_parent, args=(running, settings), daemon=True).start()
    listener = socket.create_server((_LOOPBACK, 0), backlog=128)
    port = listener.getsockname()[1]
    os.environ.update(_ministack_environment(settings, port))
    # From here on: MiniStack reads its environment when it is imported.
    from constructs_ml.errors import LocalRunError
    from constructs_ml.interpreter.pinned import check
    from constructs_ml.local.aws.clients import Clients
    from constructs_ml.local.emulator.authentication import Authenticator
    from constructs_ml.local.emulator.bodies import Bodies
    from constructs_ml.local.emulator.engine import Engine
    from constructs_ml.local.emulator.frontend import HttpFrontend
    from constructs_ml.local.emulator.function_ports import close_to_strangers
    from constructs_ml.local.emulator.principals import Principals
    from constructs_ml.local.emulator.routes import Routes
    from constructs_ml.local.emulator.sessions import Sessions
    from constructs_ml.local.emulator.witness import Witness

    try:
        check()
    except LocalRunError as error:
        channel.send("broken", message=str(error))
        raise SystemExit(1) from error
    sessions = Sessions(settings.account)
    principals = Principals(settings.region, settings.account, sessions, settings.accounts)
    engine = Engine(channel, settings.region, settings.account, principals, recorded=settings.recorded)
    if not settings.enforce_iam:
        principals.stop_authorizing()
    if settings.recorded:
        Witness(channel).install()
    close_to_strangers()
    files = Path(settings.workdir) / STATE / FILES
    _keep_on_disk(files)
    credentials = {account: sessions.open_root(account) for account in {settings.account, *settings.accounts}}
    url = f"http://{_LOOPBACK}:{port}"
    clients = Clients(url, settings.region, settings.account, credentials[settings.account])
    api = _install(engine, channel, settings, clients, principals)
    running.append(api)
    if settings.runtime:
        _announce(settings.runtime, clients, sessions, channel)
    channel.send("ready", port=port, credentials={account: asdict(keys) for account, keys in credentials.items()})
    frontend = HttpFrontend(
        engine.app,
        api,
        Authenticator(),
        principals=principals,
        routes=Routes(principals, enforce_iam=settings.enforce_iam),
        bodies=Bodies(files),
        port=port,
    )
    asyncio.run(_serve(frontend, listener, Path(settings.sockets) / GATEWAY))


def _keep_on_disk(folder: Path) -> None:
    """Make the emulator keep objects and logs in files of a folder; files of an earlier run in it are removed."""
    from constructs_ml.local.emulator.disk import log_events, objects

    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    objects.install(folder)
    log_events.install(folder)


def _announce(file: str, clients: Clients, sessions: Sessions, channel: Channel) -> None:
    """Let `constructs-ml approve` find this run."""
    run = runtime.Running(clients.endpoint_url, os.getpid(), **asdict(sessions.open_approver()))
    if not runtime.announce(Path(file), run):
        text = f"constructs-ml approve cannot find this run: {file} is not this user's; remove it"
        channel.send("note", execution="", state="", text=text, simulated=False)


def _claim_stdout() -> Channel:
    """Reserve the pipe to the parent for messages; printed text goes to standard error, which is a log file."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return Channel(stream)


def _ministack_environment(settings: Settings, port: int) -> dict[str, str]:
    data = Path(settings.workdir) / STATE
    return {
        # Who calls is always verified; without IAM only permissions are not (Engine.stop_authorizing).
        "AUTH": "true",
        "BIND_HOST": _LOOPBACK,
        # No container engine: the emulator would otherwise look for containers to remove.
        "DOCKER_HOST": f"unix://{data}/no-docker.sock",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": settings.account,
        "MINISTACK_HOST": _LOOPBACK,
        "MINISTACK_REGION": settings.region,
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(data / "s3"),
        "SFN_WAIT_SCALE": str(settings.time_scale),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(data),
        **NO_AWS_PROFILES,
    }


def _install(
    engine: Any,  # noqa: ANN401 - imported late
    channel: Channel,
    settings: Settings,
    clients: Clients,
    principals: Principals,
) -> SageMaker:
    from constructs_ml.local.api.cloudformation import handlers
    from constructs_ml.local.api.service import SageMaker
    from constructs_ml.local.emulator.custom_resources import CustomResources
    from constructs_ml.local.emulator.tasks import SageMakerTasks, ServiceTasks
    from constructs_ml.local.host.container import install_interpreter
    from constructs_ml.local.host.sandbox import REWRITES, detect
    from constructs_ml.local.host.slots import Slots, raise_file_limit
    from constructs_ml.local.jobs.services import Services

    workdir = Path(settings.workdir)
    programs = install_interpreter(workdir / "bin")
    environment = {
        **allowed(os.environ),
        **NO_AWS_PROFILES,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }
    hidden = [workdir / name for name in HIDDEN_FROM_JOBS]
    if settings.runtime:
        hidden.append(Path(settings.runtime))
    services = Services(
        clients=clients,
        channel=channel,
        sandbox=replace(detect(), hidden=tuple(hidden)),
        workdir=workdir,
        sockets=Path(settings.sockets),
        allowed=principals.allowed,
        role=principals.role,
        publish=engine.publish,
        environment=environment,
        slots=Slots(raise_file_limit()),
        images=settings.images,
        enforce_iam=settings.enforce_iam,
        stop_grace=settings.stop_grace,
        simulated_seconds=settings.simulated_seconds,
        outcomes=settings.outcomes,
        approve=settings.approve,
        keep_jobs=settings.keep_workdir,
        installers=settings.installers,
    )
    if services.sandbox.rewrites:
        channel.send("note", execution="", state="", text=REWRITES, simulated=False)
    api = SageMaker(services)
    resources = handlers(api, settings.account)
    engine.install(SageMakerTasks(api, services), ServiceTasks(services), resources, settings.stand_in)
    CustomResources(clients).install()
    return api


async def _serve(app: Any, listener: socket.socket, gateway: Path) -> None:  # noqa: ANN401 - MiniStack ships no types
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener.fileno()}", f"unix:{gateway}"]
    config.umask = PRIVATE
    # For as long the server's end stays open of a connection that its client has closed: jobs open and close several.
    config.keep_alive_timeout = _IDLE_SECONDS
    config.loglevel = "WARNING"
    await serve(_as_if_over_tls(app), config)


def _as_if_over_tls(app: Any) -> Any:  # noqa: ANN401 - MiniStack ships no types
    """Let requests count as encrypted: the loopback interface is as safe, and on AWS requests always are.

    Buckets that enforce TLS deny every request whose ``aws:SecureTransport`` is false.
    """

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        await app({**scope, "scheme": "https"} if scope["type"] == "http" else scope, receive, send)

    return wrapped


def _end_with_parent(running: list[SageMaker], settings: Settings) -> None:
    """Wait for the parent to end; then end every job, remove every file, and end this process with all its children.

    The parent's id is watched as well: a process forked from the parent may hold the pipe open.

    Args:
        running: The SageMaker that runs, as soon as there is one.
        settings: The settings.
    """
    closed = threading.Event()

    def read() -> None:
        sys.stdin.buffer.read(1)
        closed.set()

    threading.Thread(target=read, daemon=True).start()
    parent = os.getppid()
    while not closed.wait(_WATCH_SECONDS) and os.getppid() == parent:
        time.sleep(0)
    if settings.runtime:
        runtime.withdraw(Path(settings.runtime), os.getpid())
    for api in running:
        api.close()
    folders = [settings.sockets] if settings.keep_workdir else [settings.workdir, settings.sockets]
    # Whatever still writes there is a thread of this process, and none is left of it. This process leads its group, in which
    # the workers of Lambda functions are too.
    try:
        os.execv(sys.executable, [sys.executable, "-I", "-S", str(removal.__file__), *folders])  # noqa: S606
    finally:
        os.killpg(0, signal.SIGKILL)  # the interpreter is gone
