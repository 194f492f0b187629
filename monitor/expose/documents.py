"""The documents that come with the monitor, its runbooks among them, as HTML."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_HERE: Final = Path(__file__)
_PLACES: Final = (_HERE.parents[1] / "docs", _HERE.parents[2] / "docs")
"""Of an installed package, and of a checkout."""
_RUNBOOKS: Final = "runbooks/"
_SORTS: Final = (
    ("Runbooks", lambda name: name.startswith(_RUNBOOKS)),
    ("Pages", lambda name: "/" not in name),
    ("Decisions", lambda name: name.startswith("decisions/")),
)
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: .8rem 0; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8888;
  vertical-align: top; }
pre, code { background: #8882; } code { padding: 0 .2rem; } pre { padding: .7rem;
  overflow-x: auto; } pre code { background: none; padding: 0; } .quiet { opacity: .75; }
"""
STYLES: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""What the content security policy allows: this style sheet and no other."""


def documents() -> Mapping[str, Path]:
    """Name (`runbooks/ack-overdue`) -> file; empty where the package came without them."""
    # A stranger's folder may be called docs, too.
    folder = next((one for one in _PLACES if (one / _RUNBOOKS).is_dir()), None)
    return {} if folder is None else _listed(folder)


def runbook_address(rule: str) -> str:
    """Where the runbook of a rule is read, from the root of this server; empty without one."""
    name = f"{_RUNBOOKS}{rule.replace('_', '-')}"
    return f"/docs/{name}" if name in documents() else ""


@cache
def document(path: Path) -> str:
    """One of them as a page. Links between them hold as they are written."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(path.read_text(encoding="utf-8"))
    _name_headings(tokens)
    body = markdown.renderer.render(tokens, markdown.options, {})
    return _page(_title(path), body)


def contents(known: Mapping[str, Path]) -> str:
    """The list of all."""
    body = ["<h1>Documents</h1>"]
    for heading, belongs in _SORTS:
        lines = [
            f'<li><a href="/docs/{escape(name)}">{escape(_title(path))}</a></li>'
            for name, path in known.items()
            if belongs(name)
        ]
        body.append(f"<h2>{heading}</h2><ul>{''.join(lines)}</ul>")
    return _page("Documents", "".join(body))


@cache
def _listed(folder: Path) -> Mapping[str, Path]:
    return {_name(path.relative_to(folder)): path for path in sorted(folder.rglob("*.md"))}


def _name(path: Path) -> str:
    return path.with_suffix("").as_posix()


@cache
def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines, "").lstrip("# ").strip() or path.stem


def _name_headings(tokens: Sequence[Token]) -> None:
    """Headings can be linked to by their words, as forges do it."""
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            words = re.sub(r"[^\w\- ]", "", following.content.casefold())
            token.attrSet("id", words.replace(" ", "-"))


def _page(title: str, body: str) -> str:
    links = '<a href="/">fleet</a> · <a href="/docs/">documents</a>'
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><p class="quiet">{links}</p>{body}</body></html>\n'
    )
