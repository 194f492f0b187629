"""Every link within the project's pages leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
)
_FENCED: Final = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"\]\(([^()\s]+)\)")
_NAMED: Final = re.compile(r'<a id="([^"]+)">')
_HEADING: Final = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def links(text: str) -> Iterator[str]:
    """Targets of links that lead to no other site."""
    for target in _LINK.findall(_CODE.sub("", _FENCED.sub("", text))):
        if "://" not in target and not target.startswith("mailto:"):
            yield target


def anchors(text: str) -> set[str]:
    """What can be linked to: headings, and places that were given a name."""
    text = _FENCED.sub("", text)
    headings = _HEADING.findall(text)
    words = (re.sub(r"[^\w\- ]", "", heading.casefold()) for heading in headings)
    return {*_NAMED.findall(text), *(word.replace(" ", "-") for word in words)}


def broken(page: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    found = []
    for target in links(page.read_text(encoding="utf-8")):
        name, _, anchor = unquote(target).partition("#")
        file = page.parent / name if name else page
        there = file.exists()
        if there and anchor and file.suffix == ".md":
            there = anchor in anchors(file.read_text(encoding="utf-8"))
        if not there:
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing\n[a](gone.md) [b](#one-thing) [c](#other) [d](page.md#one-thing)"
        " [e](https://example.com/x) `[f](code.md)`\n```\n[g](fenced.md)\n```\n"
    )
    assert broken(page) == ["gone.md", "#other"]


def test_every_page_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert sorted(pages - {Path(target).name for target in links(readme)}) == []
