"""The documents as the monitor shows them: runbooks at hand, links that hold, nothing else read."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from monitor.evaluate.alerting.recording import ANY_RULE
from monitor.expose import documents as module
from monitor.expose.documents import contents, document, documents, runbook_address

DOCS = Path(__file__).parents[2] / "docs"
NAMES = sorted(path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md"))


def test_a_runbook_is_read_where_its_rule_says(face: Any) -> None:
    for rule in ANY_RULE:
        assert face.get(runbook_address(rule.name)).status_code == 200
    assert runbook_address("license_transfer") == ""
    page = face.get("/docs/runbooks/ack-overdue.md")
    assert page.headers["content-type"].startswith("text/html")
    assert "<h2" in page.text
    assert "license smart sync all" in page.text
    assert page.text == face.get("/docs/runbooks/ack-overdue").text


def test_every_document_is_listed(face: Any) -> None:
    listed = re.findall(r'href="/docs/([^"]+)"', face.get("/docs/").text)
    assert sorted(listed) == NAMES
    assert face.get("/docs").text == face.get("/docs/").text
    assert 'href="/docs/"' in face.get("/").text


@pytest.mark.parametrize(
    "name", ["", "gone", "../README", "runbooks", "runbooks/", "/etc/passwd", "%2e%2e/README"]
)
def test_nothing_but_documents_is_read(face: Any, name: str) -> None:
    status = face.get(f"/docs/{name}").status_code
    assert status == (200 if not name else 404)


def test_links_between_documents_lead_to_documents() -> None:
    """Where a page names what only a checkout has (../deploy, ../tests), the link leads nowhere."""
    known = documents()
    for name, path in known.items():
        for link in re.findall(r'href="([^"#:]+\.md)(?:#[^"]*)?"', document(path)):
            target = urljoin(f"/docs/{name}", link).removesuffix(".md")
            outside = not target.startswith("/docs/")
            assert outside or target.removeprefix("/docs/") in known, f"{name}: {link}"


def test_headings_have_the_names_that_links_use() -> None:
    pages = {name: document(path) for name, path in documents().items()}
    for name, text in pages.items():
        for link, anchor in re.findall(r'href="([^"#:]*)#([^"]+)"', text):
            target = urljoin(f"/docs/{name}", link).removesuffix(".md").removeprefix("/docs/")
            assert f'id="{anchor}"' in pages[target], f"{name}: {link}#{anchor}"


def test_the_style_is_the_one_that_the_policy_allows(face: Any) -> None:
    answer = face.get("/docs/runbooks/README")
    assert module.STYLES in answer.headers["content-security-policy"]
    assert answer.text.count("<style>") == 1
    assert "style=" not in answer.text
    assert "<script" not in answer.text


def test_a_package_without_documents_says_so(
    face: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_PLACES", (tmp_path,))
    assert documents() == {}
    assert "<li>" not in contents({})
