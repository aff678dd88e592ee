"""The environment variables of this machine that user code may see.

A job on SageMaker sees nothing of the machine that started it. Locally the parent's environment holds tokens and
profiles, so that only what programs need to run at all is let through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = frozenset(
    {
        "HOME",
        "JAVA_HOME",
        "LANG",
        "LANGUAGE",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "LOGNAME",
        "PATH",
        "PYTHONHASHSEED",
        "SHELL",
        "SPARK_HOME",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "USER",
    }
)
_PREFIXES = ("LC_",)

# Profiles in the home directory must not leak into calls to the embedded AWS.
NO_AWS_PROFILES = {
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def allowed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that may reach the emulator and user code.

    Args:
        environment: The parent's variables, as ``os.environ``.

    Returns:
        The variables on the list: PATH, HOME, locale, time zone and temporary directory, and the like.
    """
    return {name: value for name, value in environment.items() if name in _NAMES or name.startswith(_PREFIXES)}
