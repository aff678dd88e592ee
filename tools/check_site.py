"""Looks at the built site in a headless Chromium: in light and dark, wide and narrow. Run by ``make docs-check``.

It fails on a request to another host, an error in the console, a page that scrolls sideways, headings that skip a level, text
with too little contrast, a link or button that shows no focus, and a search that does not find a construct. ``--screenshots``
keeps what it saw. Chromium and its driver have to be installed (Debian: ``apt-get install chromium chromium-driver``), or named
by ``CHROMIUM`` and ``CHROMEDRIVER``.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import sys
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE = Path(__file__).parents[1] / "site"
PAGES = {
    "home": "/",
    "start": "/getting_started/",
    "guide": "/tuning/",
    "failures": "/failures/",
    "api": "/api/tuning/",
    "names": "/api/",
    "rules": "/checks/structure/",
    "decision": "/adr/0014-the-house/",
    "decisions": "/adr/",
    "missing": "/no/such/page/",
}
SIZES = {"wide": (1400, 900), "narrow": (390, 844)}
LOOK = """
const seen = element => element.checkVisibility({opacityProperty: true, visibilityProperty: true});
const levels = [...document.querySelectorAll("article h1, article h2, article h3, article h4, article h5, article h6")]
    .filter(seen).map(heading => Number(heading.tagName[1]));
const channels = text => text.match(/[\\d.]+/g).map(Number);
const over = (front, back) => {
    const a = front[3] ?? 1;
    return [0, 1, 2].map(at => front[at] * a + back[at] * (1 - a));
};
const ground = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
};
const light = rgb => {
    const [r, g, b] = rgb.map(value => value / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const faint = new Map();
const walker = document.createTreeWalker(document.querySelector("article") ?? document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(), count = 0; node && count < 4000; node = walker.nextNode(), count++) {
    const element = node.parentElement;
    if (!node.data.trim() || !seen(element) || element.closest(".headerlink, .md-clipboard, button, script, style")) continue;
    const style = getComputedStyle(element), back = ground(element);
    const [one, other] = [light(over(channels(style.color), back)), light(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < (large ? 3 : 4.5)) faint.set(`${style.color} on ${back.map(Math.round)}: ${ratio.toFixed(2)}`, node.data.trim());
}
const wide = document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && seen(e)).slice(0, 3)
        .map(e => e.tagName + "." + e.className) : [];
return {levels, faint: [...faint.entries()].slice(0, 5), scrolls: document.documentElement.scrollWidth - innerWidth, wide,
        dark: light(ground(document.body)) < 0.2, unnamed: [...document.querySelectorAll("a:not([tabindex='-1']), button")].filter(
            e => seen(e) && !(e.innerText || e.ariaLabel || e.title || e.textContent).trim()).length};
"""
SEARCH_FIELD = """
return [...document.querySelectorAll("*")].map(host => host.shadowRoot?.querySelector("input")).find(input => input);
"""
FOUND = """
return [...document.querySelectorAll("*")].flatMap(
    host => [...host.shadowRoot?.querySelectorAll("a") ?? []].map(link => link.href));
"""
FOCUS = """
const element = document.activeElement;
// The switch of the colours is a hidden field: the label behind it shows that it has the focus.
const shows = element.matches(".md-option") ? element.nextElementSibling : element;
const style = getComputedStyle(shows);
return {tag: element.tagName, text: element.textContent.trim().slice(0, 40),
        shown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none"};
"""


class _Handler(SimpleHTTPRequestHandler):
    """Serves the site as a web server would: what is not there gets the page of the site for it."""

    def log_message(self, *_: Any) -> None:  # noqa: ANN401
        """Says nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers with the site's own page for what is missing."""
        if code != 404:  # noqa: PLR2004
            super().send_error(code, message, explain)
            return
        body = (SITE / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served() -> Iterator[str]:
    """Serves the site on the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def browser() -> webdriver.Chrome:
    """Starts the browser that is installed; none is downloaded."""
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not binary or not driver:
        sys.exit("check_site: chromium and chromedriver are needed (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"):
        options.add_argument(argument)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox refuses to work for root
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


class Check:
    """Collects what is wrong with the pages.

    Attributes:
        faults: What is wrong.
    """

    def __init__(self, driver: webdriver.Chrome, base: str, screenshots: Path | None) -> None:
        self.driver, self.base, self.screenshots = driver, base, screenshots
        self.faults: list[str] = []

    def page(self, name: str, scheme: str, size: str) -> None:
        """Looks at a page.

        Args:
            name: One of ``PAGES``.
            scheme: ``light`` or ``dark``, as the reader's system asks for.
            size: One of ``SIZES``.
        """
        self.view(scheme, size)
        self.open(PAGES[name])
        where = f"{name}, {scheme}, {size}"
        found = self.driver.execute_script(LOOK)
        if found["scrolls"] > 0:
            self.faults.append(f"{where}: scrolls sideways by {found['scrolls']} px, because of {found['wide']}")
        if found["dark"] is not (scheme == "dark"):
            self.faults.append(f"{where}: its background is that of the other scheme")
        self.faults += [f"{where}: too little contrast, {colours}: {text[:60]!r}" for colours, text in found["faint"]]
        if found["unnamed"]:
            self.faults.append(f"{where}: {found['unnamed']} links or buttons have no name")
        levels = found["levels"]
        if levels[:1] != [1] or levels.count(1) != 1:
            self.faults.append(f"{where}: its headings begin with {levels[:3]}, and not with one h1")
        skipped = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        if skipped:
            self.faults.append(f"{where}: headings skip a level: {skipped[:3]}")
        if name == "missing":
            self.leads_on(where)
        if self.screenshots:
            self.driver.save_screenshot(str(self.screenshots / f"{name}-{scheme}-{size}.png"))

    def leads_on(self, where: str) -> None:
        """Follows the links of the page for what is missing, which no build has checked."""
        links = self.driver.find_elements(By.CSS_SELECTOR, "article li a")
        addresses = [link.get_attribute("href") or "" for link in links]
        wrong = [
            url for url in addresses if not (SITE / url.removeprefix(self.base).lstrip("/") / "index.html").is_file()
        ]
        if wrong or not addresses:
            self.faults.append(f"{where}: its links lead nowhere: {wrong}")

    def view(self, scheme: str, size: str) -> None:
        """Sets the colours that the reader's system asks for, and the size of the window."""
        width, height = SIZES[size]
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "narrow"}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, path: str) -> None:
        """Opens a page, and waits for what it does when it is there."""
        self.driver.get(self.base + path)
        ready = "return document.readyState === 'complete' && document.fonts.status === 'loaded'"
        WebDriverWait(self.driver, 10).until(lambda driver: driver.execute_script(ready))

    def keyboard(self) -> None:
        """Goes through a page by the Tab key: what is reached shows that it is."""
        self.open(PAGES["guide"])
        reached = []
        for _ in range(12):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
            found = self.driver.execute_script(FOCUS)
            reached.append(found["text"])
            if not found["shown"]:
                self.faults.append(f"keyboard: {found['tag']} {found['text']!r} does not show that it has the focus")
        if len(set(reached)) < len(reached) // 2:
            self.faults.append(f"keyboard: Tab reaches only {sorted(set(reached))}")

    def search(self, text: str, wanted: str) -> None:
        """Searches as a reader does.

        Args:
            text: What is typed.
            wanted: What the address of a result has to contain.
        """
        self.open("/")
        self.driver.find_element(By.CSS_SELECTOR, ".md-search__button").click()
        WebDriverWait(self.driver, 10).until(lambda driver: driver.execute_script(SEARCH_FIELD)).send_keys(text)
        try:
            WebDriverWait(self.driver, 20).until(
                lambda driver: any(wanted in address for address in driver.execute_script(FOUND))
            )
        except TimeoutException:
            self.faults.append(f"search: {text!r} finds {self.driver.execute_script(FOUND)[:5]}, and not {wanted}")
        if self.screenshots:
            self.driver.save_screenshot(str(self.screenshots / f"search-{text}.png"))

    def network(self) -> None:
        """Asks what was requested in all, and what the console says."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requests = {
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        }
        local = (self.base, "data:", "blob:")
        self.faults += [f"requests {url}" for url in sorted(requests) if not url.startswith(local)]
        if not any(url.startswith(self.base) for url in requests):
            self.faults.append("no request was recorded, so that none to another host would be")
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        self.faults += [f"console: {text}" for text in said if PAGES["missing"] not in text]


def main() -> int:
    """Looks at the pages, and says what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--screenshots", type=Path, help="a folder for pictures of the pages")
    screenshots = parser.parse_args().screenshots
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
    with served() as base:
        driver = browser()
        try:
            check = Check(driver, base, screenshots)
            for scheme in ("light", "dark"):
                for size in SIZES:
                    for name in PAGES:
                        check.page(name, scheme, size)
            check.view("light", "wide")
            check.keyboard()
            check.search("TuningJob", "/api/tuning/")
            check.search("CML307", "/checks/")
            check.network()
        finally:
            driver.quit()
    for fault in check.faults:
        print(fault)
    seen = len(PAGES) * len(SIZES) * 2
    print(f"{seen} views of {len(PAGES)} pages, the keyboard and the search: {len(check.faults)} faults")
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
