"""As many instances run at once as there may be files open."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time

import pytest

from constructs_ml.local.host.slots import Slots


@pytest.mark.parametrize(("files", "number"), [(64, 1), (256, 19), (1024, 115), (10_240, 1267)])
def test_there_are_as_many_as_files_allow(files: int, number: int) -> None:
    assert Slots(files).number == number


def test_a_job_waits_for_all_of_its_slots() -> None:
    slots, going, order = Slots(256), threading.Event(), []
    assert slots.take(10, going) == 10

    def wait() -> None:
        order.append(slots.take(15, going))

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.15)
    assert order == []
    slots.give_back(10)
    thread.join(2)
    assert order == [15]
    assert slots.take(4, going) == 4


def test_more_than_there_are_is_all_of_them() -> None:
    slots, going = Slots(256), threading.Event()
    assert slots.take(500, going) == 19
    slots.give_back(19)
    assert slots.take(1, going) == 1


def test_a_job_that_is_stopped_waits_no_more() -> None:
    slots, stopping = Slots(0), threading.Event()
    assert slots.take(1, stopping) == 1
    threading.Timer(0.1, stopping.set).start()
    assert slots.take(1, stopping) == 0
    slots.give_back(0)


@pytest.mark.parametrize(("soft", "hard", "files"), [(256, 256, 256), (256, 4096, 4096), (4096, 1 << 16, 10_240)])
def test_the_limit_is_raised_as_far_as_it_may(soft: int, hard: int, files: int) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < hard:
        pytest.skip("this process may open fewer files")
    script = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from constructs_ml.local.host.slots import raise_file_limit
print(raise_file_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(files)] * 2
