"""Every alert has its runbook, every runbook its alert, and every command in them is a real one."""

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from monitor.cli import COMMANDS
from monitor.cli.rules import RUNBOOKS
from monitor.collect.ssh.commands import Show
from monitor.domain.yang import About
from monitor.evaluate.alerting.alerts import alert_name, is_told
from monitor.evaluate.alerting.recording import ANY_RULE
from monitor.evaluate.remedies import missing
from monitor.evaluate.report import POLL, SYNC, TRUST

TOP = Path(__file__).parents[2]
FOLDER = TOP / "docs" / "runbooks"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.stem != "README")
HEADINGS = [
    "Meaning", "How bad, and when", "Confirm", "What to type", "Whom to call", "Resolves when",
    "False alarms",
]  # fmt: skip
STOPPING = ("17.3.2", "17.3.3", "17.3.4a", "17.6.1a", "17.4", "17.5")

CHAPTER = "Cisco's chapter CUBE Smart Licensing"
OTHERWISE = {
    "configure terminal": CHAPTER,
    "end": "IOS XE, leaves configuration mode",
    "write memory": "IOS XE, saves the configuration",
    "undebug all": "IOS XE, ends what `debug` began",
    "ip name-server ADDRESS": CHAPTER,
    "ip http client source-interface INTERFACE": CHAPTER,
    "license smart proxy address PROXY": CHAPTER,
    "license smart proxy port PORT": CHAPTER,
    "license smart transport smart": CHAPTER,
    "license smart url default": CHAPTER,
    "license smart trust": CHAPTER,
    "voice service voip": CHAPTER,
    "sip": "IOS XE, below `voice service voip`",
    "no shutdown": "IOS XE, below `voice service voip` / `sip`",
    "show logging": "IOS XE",
    "show debugging": "IOS XE; parsed by parse/show/debugging.py",
}
"""What neither the poller nor the findings name, and where it is from."""
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)
_INLINE = re.compile(r"`((?:show|license|cubemon) [^`]+)`")


def _alerts() -> dict[str, str]:
    """Alert -> where its runbook is read."""
    return {
        rule["alert"]: rule["annotations"]["runbook_url"]
        for path in (TOP / "rules").glob("*.rules.yml")
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def _typed(text: str, language: str) -> Iterator[str]:
    for kind, body in _BLOCK.findall(text):
        if kind == language:
            yield from body.splitlines()
    words = ("cubemon",) if language == "sh" else ("show", "license")
    yield from (one for one in _INLINE.findall(_BLOCK.sub("", text)) if one.startswith(words))


def test_every_alert_has_its_runbook_and_every_runbook_its_alert_or_rule() -> None:
    alerts = _alerts()
    assert {url for url in alerts.values() if not url.startswith(RUNBOOKS)} == set()
    told = {url.removeprefix(RUNBOOKS).removesuffix(".md") for url in alerts.values()}
    informing = {rule.runbook for rule in ANY_RULE if not is_told(rule)}
    assert {path.stem for path in PAGES} == told | informing
    assert told & informing == set()
    for name, url in alerts.items():
        assert f"`{name}`" in (FOLDER / url.rsplit("/", 1)[1]).read_text().splitlines()[2]


def test_every_rule_names_a_page_that_names_its_alert() -> None:
    for rule in ANY_RULE:
        head = (FOLDER / f"{rule.runbook}.md").read_text().splitlines()[2]
        assert (f"`{alert_name(rule.name)}`" in head) == is_told(rule)


def test_the_list_has_every_runbook() -> None:
    listed = set(re.findall(r"\]\(([a-z-]+)\.md\)", (FOLDER / "README.md").read_text()))
    assert listed == {path.stem for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=lambda one: one.stem)
def test_a_runbook_has_its_sections_in_order_and_something_in_each(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"^## (.+)$", text, re.M) == HEADINGS
    sections = re.split(r"^## .+$", text, flags=re.M)[1:]
    assert all(len(one.strip()) > 4 for one in sections)
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert all((FOLDER / one).exists() for one in links), links


@pytest.mark.parametrize(
    "rule", [one for one in ANY_RULE if is_told(one)], ids=lambda one: one.name
)
def test_a_rules_runbook_says_whether_calls_stop_and_cites_the_chapter(rule: object) -> None:
    text = (FOLDER / f"{getattr(rule, 'runbook', '')}.md").read_text()
    bad = " ".join(text.split("## How bad, and when")[1].split("## Confirm")[0].split())
    says = ("on any release", "no calls", "do not stop", "before 17.3.2", "not registered")
    assert all(one in bad for one in STOPPING) or any(one in bad for one in says), bad
    assert "Cisco" in text.split("## How bad")[0]


def _shape(command: str) -> str:
    """A command without what each reader fills in, nor what filters its output."""
    bare = command.split(" | ", maxsplit=1)[0].strip()
    words = ["X" if re.fullmatch(r"[A-Z-]{2,}|\d+|bootflash:\S+", one) else one
             for one in bare.split()]  # fmt: skip
    return " ".join(words)


def _known() -> set[str]:
    abouts = (
        About(platform="C8000V", release="17.12.1a"),
        About(platform="ISR4451-X/K9", release="17.9.1"),
    )
    remedies = {line for about in abouts for one in missing(frozenset(), about)
                for line in one.router}  # fmt: skip
    said = " ".join([POLL, SYNC, TRUST, *(rule.next for rule in ANY_RULE)])
    named = set(re.findall(r"`([^`]+)`", said))
    commands = {*(one.value for one in Show), *remedies, *named, *OTHERWISE}
    return {_shape(one) for one in commands}


@pytest.mark.parametrize("path", [*PAGES, FOLDER / "README.md"], ids=lambda one: one.stem)
def test_every_router_command_is_known(path: Path) -> None:
    unknown = [one for one in _typed(path.read_text(), "ios") if _shape(one) not in _known()]
    assert unknown == []


@pytest.mark.parametrize("path", [*PAGES, FOLDER / "README.md"], ids=lambda one: one.stem)
def test_every_command_of_ours_is_taken(path: Path) -> None:
    for line in _typed(path.read_text(), "sh"):
        if line.startswith("cubemon "):
            _, name, *words = shlex.split(line)
            assert name in COMMANDS, line
            parser = argparse.ArgumentParser()
            _module(name).arguments(parser)
            if words or name in {"status", "doctor", "accounts", "reload", "audit", "recompute"}:
                parser.parse_args(words)


def _module(name: str) -> argparse.Namespace:
    tail = {"import": "import_", "try": "try_"}.get(name, name.replace("-", "_"))
    return importlib.import_module(f"monitor.cli.{tail}")  # type: ignore[return-value]


def test_the_test_would_find_a_wrong_command() -> None:
    assert _shape("license smart sync everything") not in _known()
    assert _shape("show licence status") not in _known()
    assert _shape("license smart import bootflash:ACK-FILE") in _known()
