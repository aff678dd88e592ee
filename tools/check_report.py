"""Looks at pages about made-up runs in a headless Chromium: in light and dark, wide and narrow. Run by ``make insight-check``.

It fails on a request to the network, an error in the console, a page that scrolls sideways, text with too little contrast, headings
that skip a level, a state that a click or Enter does not open, a failed state whose log is not shown, a Map of 200 that is not
folded, a page that takes more than two seconds to open, or has more than 5 MB. ``--screenshots`` keeps what it saw. Chromium and its
driver have to be installed (Debian: ``apt-get install chromium chromium-driver``), or named by ``CHROMIUM`` and ``CHROMEDRIVER``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from check_site import LOOK, SIZES, browser
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from selenium import webdriver

_PAGES = ("success", "failure", "many", "refused", "large")
_MOST_BYTES, _MOST_SECONDS = 5_000_000, 2.0
_SHOWN = "return [...document.querySelectorAll('section.state')].filter(e => !e.hidden).map(e => e.querySelector('h2').innerText)"
_FOCUS = "return document.activeElement.id || document.activeElement.tagName"
_RING = """
const style = getComputedStyle(document.activeElement), box = document.activeElement.querySelector(":scope > .cml-box");
return box ? parseFloat(getComputedStyle(box).strokeWidth) > 3 : style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
"""
_HEADINGS = """
return [...document.querySelectorAll("h1, h2, h3, h4")].filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]));
"""
_OVERLAPPING = """
const boxes = [...document.querySelectorAll(".axis text")].filter(e => getComputedStyle(e).display !== "none")
    .map(e => e.getBoundingClientRect());
return boxes.some((box, at) => at > 0 && box.left < boxes[at - 1].right);
"""
_IN_SIGHT = """
const around = document.getElementById("picture").getBoundingClientRect();
return [...document.querySelectorAll(".cml-node")].some(node => {
    const box = node.getBoundingClientRect();
    return box.left >= around.left && box.right <= around.right && box.top >= around.top && box.top < around.bottom;
});
"""
_PRINTED = """
return [...document.querySelectorAll('section.state')].every(e => e.getBoundingClientRect().height > 0)
    && document.documentElement.scrollWidth <= innerWidth;
"""


class Check:
    """Collects what is wrong with the pages.

    Attributes:
        faults: What is wrong.
    """

    def __init__(self, driver: webdriver.Chrome, folder: Path, screenshots: Path | None) -> None:
        self.driver, self.folder, self.screenshots = driver, folder, screenshots
        self.faults: list[str] = []
        self.seconds: dict[str, float] = {}

    def run(self) -> None:
        """Looks at all pages."""
        for name in _PAGES:
            size = (self.folder / f"{name}.html").stat().st_size
            self.expect(size < _MOST_BYTES, f"{name}: has {size} bytes, more than {_MOST_BYTES}")
            for scheme in ("light", "dark"):
                for width in SIZES:
                    self.look(name, scheme, width)
        self.view("light", "wide")
        self.failure()
        self.many()
        self.refused()
        self.keyboard()
        self.hostile()
        self.printed()
        self.large()
        self.network()

    def expect(self, holds: object, fault: str) -> None:
        """Notes a fault unless something holds."""
        if not holds:
            self.faults.append(fault)

    def view(self, scheme: str, size: str, media: str = "screen") -> None:
        """Sets the colours that the reader's system asks for, and the size of the window."""
        width, height = SIZES[size]
        features = {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, name: str) -> float:
        """Opens a page; returns the seconds until it is drawn."""
        began = time.monotonic()
        self.driver.get((self.folder / f"{name}.html").absolute().as_uri())
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        return time.monotonic() - began

    def shot(self, name: str) -> None:
        """Keeps a picture."""
        if self.screenshots:
            self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))

    def look(self, name: str, scheme: str, size: str) -> None:
        """Looks at a page as a whole."""
        self.view(scheme, size)
        where = f"{name}, {scheme}, {size}"
        seconds = self.open(name)
        self.seconds[name] = min(seconds, self.seconds.get(name, seconds))
        found: dict[str, Any] = self.driver.execute_script(LOOK)
        self.expect(found["scrolls"] <= 0, f"{where}: scrolls sideways by {found['scrolls']} px, by {found['wide']}")
        self.expect(found["dark"] is (scheme == "dark"), f"{where}: its background is that of the other scheme")
        self.faults += [f"{where}: too little contrast, {colours}: {text[:60]!r}" for colours, text in found["faint"]]
        levels = self.driver.execute_script(_HEADINGS)
        skipped = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        self.expect(levels[:1] == [1] and not skipped, f"{where}: headings begin with {levels[:3]}, skip {skipped[:3]}")
        self.expect(not self.driver.execute_script(_OVERLAPPING), f"{where}: labels of the axis overlap")
        self.shot(f"{name}-{scheme}-{size}")

    def shown(self) -> list[str]:
        """The names of the states whose panels are open."""
        names: list[str] = self.driver.execute_script(_SHOWN)
        return [name.split(maxsplit=1)[1] for name in names]

    def node(self, name: str) -> Any:  # noqa: ANN401 - an element
        """The node of a state in the graph."""
        return self.driver.find_element(By.CSS_SELECTOR, f".cml-node[data-state='{name}']")

    def failure(self) -> None:
        """A failed run opens its failed state; a click on it shows its log."""
        self.open("failure")
        self.expect(self.shown() == ["Evaluate"], f"failure: shows {self.shown()} at first")
        self.node("Prepare").click()
        self.expect(self.shown() == ["Prepare"], f"failure: a click on Prepare shows {self.shown()}")
        self.node("Evaluate").click()
        text = self.driver.find_element(By.ID, "details").text
        self.expect(self.shown() == ["Evaluate"], f"failure: a click on Evaluate shows {self.shown()}")
        for wanted in ("Traceback", "FileNotFoundError", "line 399", "Earlier lines"):
            self.expect(wanted in text, f"failure: the panel of Evaluate has no {wanted!r}")
        self.shot("failure-clicked")

    def many(self) -> None:
        """A Map of 200 is a summary, with those that failed and the slowest."""
        self.open("many")
        rows = [row.text for row in self.driver.find_elements(By.CSS_SELECTOR, ".row")]
        self.expect(3 < len(rows) < 15, f"many: the timeline has {len(rows)} rows")  # noqa: PLR2004
        for wanted in ("200 iterations", "3 failed", "iteration 42", "iteration 99"):
            self.expect(any(wanted in row for row in rows), f"many: no row has {wanted!r}: {rows}")
        if not rows[3:]:
            return
        self.node("Score").click()
        text = self.driver.find_element(By.ID, "details").text
        self.expect("200 times" in text and "3 failed" in text, f"many: the panel says {text[:120]!r}")
        row = next(row for row in self.driver.find_elements(By.CSS_SELECTOR, ".row") if "iteration 42" in row.text)
        row.click()
        opened = [each.text for each in self.driver.find_elements(By.CSS_SELECTOR, "details.visit[open] > summary")]
        self.expect(len(opened) == 1 and "iteration 42" in opened[0], f"many: a click on iteration 42 opens {opened}")
        self.shot("many-clicked")

    def refused(self) -> None:
        """A run in which nothing was executed says why."""
        self.open("refused")
        text = self.driver.find_element(By.TAG_NAME, "body").text
        for wanted in ("was refused", "depth must be an integer", "No state ran", "3 not run"):
            self.expect(wanted in text, f"refused: the page has no {wanted!r}")

    def keyboard(self) -> None:
        """Tab reaches the graph, the arrow keys its states; Enter opens a panel, and Escape leads back."""
        self.open("failure")
        for _ in range(20):
            self.press(Keys.TAB)
            self.expect(self.driver.execute_script(_RING), f"keyboard: {self.focus()} does not show the focus")
            if self.focus() == self.node("Prepare").get_attribute("id"):
                break
        self.expect(self.focus() == self.node("Prepare").get_attribute("id"), f"keyboard: Tab ends at {self.focus()}")
        self.press(Keys.ENTER)
        self.expect(self.shown() == ["Prepare"], f"keyboard: Enter on Prepare shows {self.shown()}")
        self.expect(self.focus().startswith("d-"), f"keyboard: Enter leaves the focus at {self.focus()}")
        self.press(Keys.ESCAPE)
        self.press(Keys.ARROW_DOWN)
        self.press(Keys.ENTER)
        self.expect(self.shown() == ["Evaluate"], f"keyboard: the arrow and Enter show {self.shown()}")
        row = self.driver.find_element(By.CSS_SELECTOR, ".row")
        self.driver.execute_script("arguments[0].focus()", row)
        self.press(Keys.ENTER)
        self.expect(self.shown() == ["Prepare"], f"keyboard: Enter on a row of the timeline shows {self.shown()}")

    def press(self, key: str) -> None:
        """Presses a key where the focus is."""
        self.driver.switch_to.active_element.send_keys(key)

    def focus(self) -> str:
        """The id of the element with the focus."""
        return str(self.driver.execute_script(_FOCUS))

    def hostile(self) -> None:
        """A log line is data: no script of it runs, and no element comes of it."""
        self.open("failure")
        scripts = len(self.driver.find_elements(By.TAG_NAME, "script"))
        self.expect(scripts == 2, f"hostile: the page has {scripts} scripts")  # noqa: PLR2004
        links = self.driver.find_elements(By.CSS_SELECTOR, "a:not([href^='#'])")
        self.expect(not links, f"hostile: {len(links)} links lead elsewhere")

    def large(self) -> None:
        """Of a graph that does not fit, the start is in sight."""
        self.open("large")
        self.expect(self.driver.execute_script(_IN_SIGHT), "large: no state of the graph is in sight")

    def printed(self) -> None:
        """On paper every state has its panel."""
        self.view("light", "wide", "print")
        self.open("success")
        self.expect(self.driver.execute_script(_PRINTED), "print: a panel is missing, or the page is too wide")
        self.shot("success-print")
        self.view("light", "wide")

    def network(self) -> None:
        """Asks what was requested in all, and what the console says."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requests = {
            each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"
        }
        self.faults += [f"requests {url}" for url in sorted(requests) if not url.startswith(("file:", "data:"))]
        self.expect(any(url.startswith("file:") for url in requests), "no request was recorded")
        self.faults += [f"console: {entry['message']}" for entry in self.driver.get_log("browser")]
        for name, seconds in self.seconds.items():
            self.expect(seconds < _MOST_SECONDS, f"{name}: opens in {seconds:.1f} s, at best")


def main() -> int:
    """Looks at the pages, and says what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the pages, as tests/insight/test_report_browser.py writes them")
    parser.add_argument("--screenshots", type=Path, help="a folder for pictures of the pages")
    given = parser.parse_args()
    if given.screenshots:
        given.screenshots.mkdir(parents=True, exist_ok=True)
    driver = browser()
    try:
        check = Check(driver, given.folder, given.screenshots)
        check.run()
    finally:
        driver.quit()
    for fault in check.faults:
        print(fault)
    opened = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in check.seconds.items())
    print(f"{len(_PAGES)} pages about runs: {len(check.faults)} faults; opened in: {opened}")
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
