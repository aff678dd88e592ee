"""Pages about runs in a headless Chromium: what it shows, reports and requests. Run by ``make insight-check``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.browser import look
from support.large_definition import large_definition
from support.run_records import failure, large, many, refused, success

from constructs_ml.asl.definition import read_definition
from constructs_ml.insight.report.page import page_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser


def test_pages_about_runs_are_sound_in_a_browser(tmp_path: Path) -> None:
    """A success, a failure, a Map of 200, a run that was refused, and 300 states."""
    definition = large_definition(300)
    names = [state.name for state in read_definition(definition).walk()]
    records = {"success": success(), "failure": failure(), "many": many(), "refused": refused()}
    for name, record in {**records, "large": large(definition, names)}.items():
        (tmp_path / f"{name}.html").write_text(page_of(record), encoding="utf-8")
    done = look("check_report.py", tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("--muted:#52606d", "--muted:#b0b8c0", "too little contrast"),
        ('node.addEventListener("click"', 'node.addEventListener("nothing"', "a click on Prepare shows"),
        ('event.key === "Enter"', 'event.key === "x"', "keyboard: Enter on Prepare shows"),
        ("</body>", '<img src="http://127.0.0.1:9/x.png"></body>', "img-src"),
        ("line 399", "line", "has no 'line 399'"),
        ("</main>", "<script>1</script></main>", "the page has 3 scripts"),
    ],
)
def test_faults_are_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """The check can fail. A changed style or script is allowed here, as its hash is not that of the policy."""
    html = re.sub(r"(style|script)-src '[^']+'", r"\1-src 'unsafe-inline'", page_of(failure()))
    assert old in html
    for name in ("success", "many", "refused", "large"):
        (tmp_path / f"{name}.html").write_text(page_of(refused()), encoding="utf-8")
    (tmp_path / "failure.html").write_text(html.replace(old, new), encoding="utf-8")
    done = look("check_report.py", tmp_path)
    assert done.returncode == 1
    assert fault in done.stdout
