"""A picture as SVG, as a page and as Mermaid: well-formed, escaped, and complete."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from support.large_definition import large_definition
from support.pictures import BLOG, HOSTILE, UNUSUAL, hostile_definition

import constructs_ml as ml
from constructs_ml.errors import UnusableInputError
from constructs_ml.insight.graph.mermaid import escaped
from constructs_ml.insight.graph.text import width_of, wrapped

ROOT = Path(__file__).parents[2]
_SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_stay_texts(name: str) -> None:
    picture = ml.insight.draw(hostile_definition(name), data=True)
    tree = ET.fromstring(picture.svg)  # noqa: S314 - written here
    assert {element.tag.removeprefix(_SVG) for element in tree.iter()} <= {
        "svg", "title", "desc", "style", "rect", "g", "path", "text",
    }  # fmt: skip
    attributes = {key for element in tree.iter() for key in element.attrib}
    assert not {key for key in attributes if key.startswith("on") or "href" in key}
    page = _Page(picture.html)
    assert page.tags["script"] == 1
    assert not page.handlers
    assert picture.mermaid.encode()


class _Page(HTMLParser):
    """The tags of a page, and its attributes that run code or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attrs:
            text = value or ""
            loads = name in {"src", "srcset", "action"} or (name == "href" and not text.startswith(("#", "data:,")))
            if name.startswith("on") or loads or name == "style":
                self.handlers.append(f"{name}={text}")
            if name == "id":
                self.ids.append(text)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_svg_has_a_title_and_a_description() -> None:
    tree = ET.fromstring(ml.insight.draw(BLOG).svg)  # noqa: S314
    ids = {element.get("id"): element for element in tree.iter() if element.get("id")}
    assert tree.get("role") == "img"
    assert ids[tree.get("aria-labelledby")].text == "State machine"
    description = ids[tree.get("aria-describedby")].text
    assert description is not None
    assert (
        'Processing job completed? (Choice): if $.ProcessingJobStatus is "Completed", SageMaker Training Step'
        in description
    )
    texts = {"".join(element.itertext()) for element in tree.iter(f"{_SVG}text")}
    assert {"SageMaker pre-processing step", "otherwise", "1 × ml.m5.xlarge"} <= texts


def test_the_styles_of_a_picture_apply_to_nothing_else() -> None:
    """A picture in a page, as a notebook shows it, must not change the page."""
    css = (ROOT / "constructs_ml/insight/templates/graph.css").read_text(encoding="utf-8")
    selectors = [each.strip() for rule in re.findall(r"([^{}]+)\{", css) for each in rule.split(",")]
    assert {each for each in selectors if not each.startswith((".cml", "@media (prefers-color-scheme:dark)"))} == set()


def test_caught_errors_are_told_apart() -> None:
    svg = ml.insight.draw(BLOG).svg
    assert svg.count('class="cml-edge cml-catch"') == 2
    assert re.search(r"\.cml-catch>\.cml-line\{stroke:#b45309;stroke-dasharray", svg)


def test_a_page_allows_nothing_but_its_own_style_and_script() -> None:
    html = ml.insight.draw(BLOG).html
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1].replace("&#43;", "+")


def test_a_page_has_the_details_of_each_state() -> None:
    html = ml.insight.draw(BLOG, data=True).html
    page = _Page(html)
    assert len(page.ids) == len(set(page.ids))
    for at, name in enumerate(BLOG["States"], 1):
        section = re.search(rf'<section id="d-n{at}" class="state">(.*?)</section>', html, re.DOTALL)
        assert section is not None
        assert name in section[1]
        assert f'id="n{at}"' in html
    assert "&#34;Variable&#34;: &#34;$[&#39;ProcessingJobStatus&#39;]&#34;" in html


_NODE = r'n\d+(?:\[|\{\{|\(\(\(|\(\(|\(\[)"[^"]*"(?:\]|\}\}|\)\)\)|\)\)|\]\))'
_LINE = re.compile(
    rf"flowchart TD|\s+(?:{_NODE}|n\d+ (?:-->|-\.->)(?:\|\"[^\"|]+\"\|)? n\d+|subgraph n\d+(?:b\d+)?\[\"[^\"]*\"\]|end"
    r"|classDef \w+ [\w:#,\- ]+|class [\w,]+ \w+|linkStyle [\d,]+ stroke:#\w+|%% problem: [^\n]*)"
)


@pytest.mark.parametrize(
    "body", [BLOG, large_definition(80, seed=2), *map(hostile_definition, HOSTILE), *UNUSUAL.values()]
)
def test_mermaid_is_in_its_grammar(body: dict[str, Any]) -> None:
    """The part of it that is written; Mermaid 12 itself parsed and drew all of these."""
    picture = ml.insight.draw(body, data=True)
    lines = picture.mermaid.splitlines()
    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    edges = [line for line in lines if "-->" in line or "-.->" in line]
    assert len(edges) == sum(len(region.edges) for region in picture.graph.region.regions())
    opened = [line for line in lines if line.strip().startswith("subgraph")]
    assert len(opened) == sum(line.strip() == "end" for line in lines)
    styled = re.search(r"linkStyle ([\d,]+)", picture.mermaid)
    assert ([] if styled is None else [int(at) for at in styled[1].split(",")]) == [
        at for at, line in enumerate(edges) if "-.->" in line
    ]


def test_special_characters_are_written_by_their_numbers() -> None:
    assert escaped('a "b" <c> #d; `e` |') == "a #34;b#34; #60;c#62; #35;d; #96;e#96; #124;"


def test_a_file_is_written_by_its_ending(tmp_path: Path) -> None:
    picture = ml.insight.draw(BLOG)
    assert picture.save(tmp_path / "a.svg").read_text(encoding="utf-8") == picture.svg
    assert picture.save(str(tmp_path / "a.HTML")).read_text(encoding="utf-8") == picture.html
    assert picture.save(tmp_path / "a.mmd").read_text(encoding="utf-8") == picture.mermaid
    with pytest.raises(UnusableInputError, match=r"a\.png must end in \.svg, .*, got \.png"):
        picture.save(tmp_path / "a.png")


@pytest.mark.parametrize(
    "text", ["abc def ghi " * 20, "X" * 300, "$.a.very.long.path.to.some.member.of.the.input" * 4, "日本語" * 60]
)
def test_lines_fit_into_their_width(text: str) -> None:
    lines = wrapped(text, 200, 12, lines=3)
    assert len(lines) == 3
    assert all(width_of(line, 12) <= 200 for line in lines)
    assert lines[-1].endswith("…")


def test_short_words_are_not_cut() -> None:
    assert wrapped("retries throttling", 70, 12, lines=3) == ["retries", "throttling"]
