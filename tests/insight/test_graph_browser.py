"""Pictures in a headless Chromium: what it shows, reports and requests. Run by ``make insight-check``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.browser import look
from support.large_definition import large_definition
from support.pictures import BLOG, HOSTILE, hostile_definition

import constructs_ml as ml

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser


def test_pictures_are_sound_in_a_browser(tmp_path: Path) -> None:
    pages = {"blog": BLOG, "large": large_definition(300, seed=1), "empty": {"StartAt": "A", "States": {}}}
    pages |= {f"hostile{at}": hostile_definition(HOSTILE[at]) for at in (0, 1, 3, 5)}
    files = [ml.insight.draw(body, data=True).save(tmp_path / f"{name}.html") for name, body in pages.items()]
    files.append(ml.insight.draw(BLOG).save(tmp_path / "blog.svg"))
    done = look("check_pictures.py", *files)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("1 × ml.m5.xlarge", "1 × ml.m5.xlarge and what would never fit into this box", "text outside its box"),
        ("fill:#3e4c59", "fill:#c0c0c0", "too little contrast"),
        ("no such text", "", ""),
        ('addEventListener("focus"', 'addEventListener("nothing"', "by keyboard"),
        ("</body>", '<img src="http://127.0.0.1:9/x.png"></body>', "img-src"),
    ],
)
def test_faults_are_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """The check can fail. A changed style or script is allowed here, as its hash is not that of the policy."""
    html = re.sub(r"(style|script)-src '[^']+'", r"\1-src 'unsafe-inline'", ml.insight.draw(BLOG).html)
    page = tmp_path / "broken.html"
    page.write_text(html.replace(old, new), encoding="utf-8")
    done = look("check_pictures.py", page)
    assert (done.returncode != 0) is bool(fault)
    assert fault in done.stderr
