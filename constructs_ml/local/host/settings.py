"""The settings of the emulator's process, passed to it at its start."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field

from constructs_ml.local.host.packages import of_installers

VARIABLE = "CONSTRUCTS_ML_LOCAL"
"""The environment variable that carries them; an index of the user's may be in it, which no job is let see."""
JOBS, STATE = "jobs", "state"
"""Folders of a run: its jobs' directories, and the emulator's data."""
FILES = "files"
"""The folder of the emulator's data that has the content of objects and logs, in files without names."""
HIDDEN_FROM_JOBS = (JOBS, STATE)
"""Folders that a job must not see, where it has a mount namespace: it has its /opt/ml, and S3 by its role."""
GATEWAY = "gateway"
"""The socket, in the folder of sockets, at which a run answers containers that have a network of their own."""


@dataclass(frozen=True)
class Settings:
    """The settings of an emulator.

    Attributes:
        account: The account.
        region: The region.
        workdir: The directory for all its files, which is removed at its end.
        sockets: The directory of its sockets, with a short path; removed at its end.
        enforce_iam: Whether roles' permissions are checked.
        time_scale: The factor for the seconds of Wait states and retry intervals.
        stop_grace: Seconds between SIGTERM and SIGKILL of a job.
        images: Commands that stand for images.
        keep_workdir: Whether the directory is the user's and stays.
        simulated_seconds: The duration of simulations.
        outcomes: The outcomes of simulated resources, by a part of their name.
        approve: Whether model packages are approved by themselves.
        stand_in: Further resource types to stand in for.
        accounts: The accounts that there are.
        interpreter: The Python of jobs and functions: that of the user, not the emulator's.
        model: The folder of botocore, whose model of SageMaker requests are checked against: the user's too.
        runtime: The directory for its run file; empty for none.
        installers: Variables that pip gets where a job's code requires packages.
        recorded: Whether the data of states, decisions about permissions and events are reported.
    """

    account: str
    region: str
    workdir: str
    sockets: str
    enforce_iam: bool = True
    time_scale: float = 0.001
    stop_grace: float = 10.0
    images: dict[str, list[str]] = field(default_factory=dict)
    keep_workdir: bool = False
    simulated_seconds: float = 0.5
    outcomes: dict[str, str] = field(default_factory=dict)
    approve: bool = False
    stand_in: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    interpreter: str = sys.executable
    model: str = ""
    runtime: str = ""
    installers: dict[str, str] = field(default_factory=lambda: of_installers(os.environ))
    recorded: bool = False

    def dumps(self) -> str:
        """Return the settings as text."""
        return json.dumps(asdict(self))

    @staticmethod
    def loads(text: str) -> Settings:
        """Parse settings from text."""
        return Settings(**json.loads(text))
