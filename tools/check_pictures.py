"""Looks at pages with pictures of state machines in a headless Chromium, in light and dark, wide and narrow.

It is given HTML and SVG files, and fails on an error in the console, a request, text that is outside its box, text with too little
contrast, a state that cannot be chosen by click or keyboard, and a page that scrolls sideways. ``--screenshots`` keeps what it saw.
Chromium and its driver have to be installed (Debian: ``apt-get install chromium chromium-driver``), or named by ``CHROMIUM`` and
``CHROMEDRIVER``. Run by ``make insight-check``, in the environment of ``make docs-check``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from check_site import SIZES, browser
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium import webdriver

_STEPS = 6
LOOK = """
const light = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
};
const svg = document.querySelector("svg");
const ground = getComputedStyle(svg.querySelector(".cml-ground")).fill;
const outside = [], faint = new Set();
for (const group of svg.querySelectorAll(".cml-node, .cml-told")) {
    const outline = group.querySelector(":scope > .cml-box, :scope > .cml-chip");
    const box = outline.getBBox();
    for (const text of group.querySelectorAll(":scope > text")) {
        const own = text.getBBox();
        if (own.x < box.x || own.y < box.y || own.x + own.width > box.x + box.width || own.y + own.height > box.y + box.height)
            outside.push(text.textContent);
        const colour = getComputedStyle(text).fill, back = getComputedStyle(outline).fill;
        if (ratio(colour, back) < 4.5) faint.add(`${colour} on ${back}`);
    }
    const edge = getComputedStyle(outline).stroke;
    if (group.matches(".cml-node") && ratio(edge, ground) < 3) faint.add(`outline ${edge} on ${ground}`);
}
for (const line of svg.querySelectorAll(".cml-line")) {
    const colour = getComputedStyle(line).stroke;
    if (ratio(colour, ground) < 3) faint.add(`line ${colour} on ${ground}`);
}
return {outside: outside.slice(0, 5), faint: [...faint], dark: light(ground) < 0.2, loaded: performance.getEntriesByType("resource").length,
        scrolls: svg.ownerDocument.documentElement.scrollWidth - innerWidth};
"""
SHOWN = """
return [...document.querySelectorAll("section.state")].filter(section => section.checkVisibility()).map(section => section.id);
"""


def check(driver: webdriver.Chrome, file: Path, screenshots: Path | None) -> Iterator[str]:
    """Yield what is wrong with a file.

    Args:
        driver: The browser.
        file: An HTML or SVG file.
        screenshots: The folder for pictures of it; None to keep none.
    """
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            where = f"{file.name}, {scheme}, {size}"
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            driver.get_log("performance")
            driver.get(file.resolve().as_uri())
            seen = driver.execute_script(LOOK)
            yield from (f"{where}: text outside its box: {text}" for text in seen["outside"])
            yield from (f"{where}: too little contrast: {pair}" for pair in seen["faint"])
            if seen["dark"] is not (scheme == "dark"):
                yield f"{where}: its colours are not {scheme}"
            if file.suffix == ".html":
                if seen["scrolls"] > 0:
                    yield f"{where}: the page scrolls sideways by {seen['scrolls']} px"
                yield from (f"{where}: {fault}" for fault in _choices(driver))
            if screenshots is not None:
                driver.save_screenshot(str(screenshots / f"{file.stem}{file.suffix}-{scheme}-{size}.png"))
            yield from (f"{where}: requests {url}" for url in _requests(driver, file))
            yield from (f"{where}: {entry['message']}" for entry in driver.get_log("browser"))


def _requests(driver: webdriver.Chrome, file: Path) -> Iterator[str]:
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if url != file.resolve().as_uri() and not url.startswith("data:"):
                yield url


def _choices(driver: webdriver.Chrome) -> Iterator[str]:
    """Yield what is wrong with choosing states."""
    nodes: list[Any] = driver.find_elements(By.CSS_SELECTOR, ".cml-node")
    if driver.execute_script(SHOWN):
        yield "details are shown before a state is chosen"
    if not nodes:
        return
    ids = [f"d-{node.get_attribute('data-node')}" for node in nodes[:_STEPS]]
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    for at, expected in enumerate(ids):
        shown = driver.execute_script(SHOWN)
        if shown != [expected]:
            yield f"by keyboard, {shown} is shown and not {expected}"
        active = driver.switch_to.active_element
        if active.get_attribute("aria-pressed") != "true":
            yield f"the state of {expected} is not marked"
        if at + 1 < len(ids):
            active.send_keys(Keys.ARROW_DOWN)
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    if driver.execute_script(SHOWN):
        yield "Escape does not close the details"
    yield from _clicks(driver, nodes[-1])


def _clicks(driver: webdriver.Chrome, node: Any) -> Iterator[str]:  # noqa: ANN401 - selenium's element
    """Yield what is wrong with a click on a state and on a link in its details."""
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", node)
    # The text at the top of a box is its own; further down it may have others in it.
    node.find_element(By.CSS_SELECTOR, "text").click()
    shown = driver.execute_script(SHOWN)
    if shown != [f"d-{node.get_attribute('data-node')}"]:
        yield f"a click shows {shown}"
    links = [each for each in driver.find_elements(By.CSS_SELECTOR, "aside a") if each.is_displayed()]
    if links:
        target = str(links[0].get_attribute("href")).rpartition("#")[2]
        links[0].click()
        if driver.execute_script(SHOWN) != [f"d-{target}"]:
            yield f"the link to {target} does not show it"


def main() -> int:
    """Check the files that the command names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--screenshots", type=Path)
    given = parser.parse_args()
    if given.screenshots is not None:
        given.screenshots.mkdir(parents=True, exist_ok=True)
    driver = browser()
    try:
        faults = [fault for file in given.files for fault in check(driver, file, given.screenshots)]
    finally:
        driver.quit()
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(given.files)} files, {len(given.files) * 4} views, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
