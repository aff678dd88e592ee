"""boto3 clients of the embedded AWS, with the credentials of the run or of a role."""

from __future__ import annotations

import threading
import time
from typing import Any

from constructs_ml.local.aws.credentials import Credentials
from constructs_ml.local.aws.faults import JobError

_SESSION_SECONDS = 43_200
_RENEW_SECONDS = 1800
# Neither the environment's profile nor the files in the home directory may steer calls to the embedded AWS.
# botocore's form: name in the file, names of environment variables, default, conversion.
_NO_PROFILE: dict[str, tuple[None, None, str | None, None]] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, "/dev/null", None),
    "credentials_file": (None, None, "/dev/null", None),
}


class Clients:
    """Factory of boto3 clients that call the embedded AWS and nothing else.

    Args:
        endpoint_url: The URL on which it listens.
        region: The region to sign for.
        account: The account that everything is in.
        credentials: The access key to sign with.
    """

    def __init__(self, endpoint_url: str, region: str, account: str, credentials: Credentials) -> None:
        import boto3
        import botocore.session
        from botocore.config import Config

        self.endpoint_url, self.region, self.account = endpoint_url, region, account
        self.credentials = credentials
        self._session = boto3.session.Session(
            region_name=region, botocore_session=botocore.session.Session(session_vars=_NO_PROFILE)
        )
        # A truthy mapping keeps botocore from reading the environment's proxies for a loopback address.
        self._config = Config(
            proxies={"http": None},
            retries={"max_attempts": 2},
            read_timeout=120,
            inject_host_prefix=False,
            s3={"addressing_style": "path"},
        )
        self._lock = threading.Lock()
        self._made: list[Any] = []
        self._sharing = threading.Lock()
        self._shared: dict[str, Any] = {}

    def client(self, service: str, credentials: Credentials | None = None, **options: Any) -> Any:  # noqa: ANN401
        """Return a new client.

        Args:
            service: As boto3 names it.
            credentials: The access key to sign with; that of all clients when left out.
            options: Further options of ``Session.client``.
        """
        keys = credentials or self.credentials
        config = options.pop("config", None)
        with self._lock:  # a session is not safe to make clients from several threads
            made: Any = self._session.client(
                service,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key,
                aws_session_token=keys.session_token or None,
                config=self._config.merge(config) if config else self._config,
                **options,
            )
            self._made.append(made)
        return made

    def shared(self, service: str) -> Any:  # noqa: ANN401 - boto3 ships no types
        """Return the shared client of a service, with the common credentials, for callers without special options."""
        with self._sharing:
            if service not in self._shared:
                self._shared[service] = self.client(service)
            return self._shared[service]

    def dismiss(self, made: Any) -> None:  # noqa: ANN401 - boto3 ships no types
        """Close one client's connections, which hold file descriptors in this process and in the emulator."""
        with self._lock:
            if made in self._made:
                self._made.remove(made)
        made.close()

    def close(self) -> None:
        """Close the connections of all clients."""
        with self._lock:
            for made in self._made:
                made.close()
            self._made.clear()


class RoleSession:
    """Calls under a role, which the run assumes regardless of the role's trust policy.

    Args:
        clients: Makes the clients.
        role_arn: The role to be.
        name: The session's name, seen in denials.
    """

    def __init__(self, clients: Clients, role_arn: str, name: str) -> None:
        self._clients, self._role_arn, self._name = clients, role_arn, name
        self._lock = threading.Lock()
        self._credentials: Credentials | None = None
        self._since = 0.0
        self._services: dict[tuple[str, str | None], Any] = {}

    def credentials(self) -> Credentials:
        """Credentials that remain valid for at least half an hour."""
        with self._lock:
            return self._fresh()

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 ships no types
        """A client with the role's credentials.

        Args:
            service: As boto3 names it.
            region: Another region than that of the run.
        """
        with self._lock:
            credentials = self._fresh()
            key = (service, region)
            if key not in self._services:
                elsewhere = {"region_name": region} if region else {}
                self._services[key] = self._clients.client(service, credentials, **elsewhere)
            return self._services[key]

    def close(self) -> None:
        """Close its clients; a client requested later is a new one."""
        with self._lock:
            self._dismiss()

    def _dismiss(self) -> None:
        for made in self._services.values():
            self._clients.dismiss(made)
        self._services.clear()

    def _fresh(self) -> Credentials:
        if self._credentials is None or time.monotonic() - self._since > _RENEW_SECONDS:
            sts = self._clients.shared("sts")
            try:
                # As long as may be: a job has its credentials from its start to its end.
                answer = sts.assume_role(
                    RoleArn=self._role_arn, RoleSessionName=self._name, DurationSeconds=_SESSION_SECONDS
                )
            except sts.exceptions.ClientError as error:
                raise JobError(f"could not assume role {self._role_arn}: {error}") from error
            self._credentials = Credentials.from_response(answer["Credentials"])
            self._since = time.monotonic()
            self._dismiss()
        return self._credentials
