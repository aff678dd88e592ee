"""The parts of the embedded AWS that a job needs, in one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws import arns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs_ml.local.aws.clients import Clients
    from constructs_ml.local.aws.permissions import Need
    from constructs_ml.local.host.channel import Channel
    from constructs_ml.local.host.sandbox import Sandbox
    from constructs_ml.local.host.slots import Slots
    from constructs_ml.local.jobs.call import Call


@dataclass(frozen=True)
class Services:
    """The embedded AWS, as a job uses it.

    Attributes:
        clients: Calls as the account's root and as roles.
        channel: Tells the user's process what happens.
        sandbox: The mechanism that gives a job's process its /opt/ml.
        workdir: The directory that contains the jobs' directories.
        sockets: The directory of the sockets between the run and its jobs.
        allowed: Whether a role is allowed an action.
        role: A role by its ARN, as the emulator keeps it; None if there is none.
        publish: Puts an event of AWS's own on the default bus.
        environment: Variables that every job's process has.
        slots: The slots for instances that run at once.
        images: Commands that stand for images, by a part of the image's URI.
        enforce_iam: Whether roles' permissions are checked.
        stop_grace: Seconds between SIGTERM and SIGKILL.
        simulated_seconds: The duration of simulations.
        outcomes: The outcomes of simulated resources, by a part of their name.
        approve: Whether model packages are approved by themselves.
        keep_jobs: Whether jobs' directories stay when they have ended.
        installers: Variables that pip gets where a job's code requires packages.
    """

    clients: Clients
    channel: Channel
    sandbox: Sandbox
    workdir: Path
    sockets: Path
    allowed: Callable[[str, Need], bool]
    role: Callable[[str], dict[str, Any] | None]
    publish: Callable[[dict[str, Any]], None]
    environment: dict[str, str]
    slots: Slots
    images: dict[str, list[str]] = field(default_factory=dict)
    enforce_iam: bool = True
    stop_grace: float = 10.0
    simulated_seconds: float = 0.5
    outcomes: dict[str, str] = field(default_factory=dict)
    approve: bool = False
    keep_jobs: bool = False
    installers: dict[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region of the run."""
        return self.clients.region

    @property
    def account(self) -> str:
        """The account of the run."""
        return self.clients.account

    def arn(self, resource: str) -> str:
        """Return the ARN of a SageMaker resource such as ``model/NAME``."""
        return arns.arn(resource, region=self.region, account=self.account)

    def key_arn(self, key: str) -> str:
        """Return the ARN of a KMS key, given its id, alias or ARN."""
        kms = self.clients.shared("kms")
        try:
            return str(kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"])
        except kms.exceptions.ClientError:
            return key  # a key of another account, which only its ARN can name

    def outcome(self, name: str, default: str) -> str:
        """Return the outcome of a simulated resource.

        Args:
            name: Its name.
            default: The outcome if the run has none for it.
        """
        return next((outcome for part, outcome in self.outcomes.items() if part in name), default)

    def simulates(self, call: Call, what: str) -> None:
        """Report to the user that something is simulated.

        Args:
            call: The caller that requested it.
            what: The simulation, in words: ``endpoint x is not served``.
        """
        self.channel.send("note", execution=call.execution, state=call.state, text=what, simulated=True)

    def note(self, call: Call, text: str) -> None:
        """Report something else to the user."""
        self.channel.send("note", execution=call.execution, state=call.state, text=text, simulated=False)
