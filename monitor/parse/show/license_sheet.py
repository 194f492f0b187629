"""The one walk over the lines of every `show license ...` output.

`status`, `usage`, `all` and `tech support` print the same sections, so one reader knows them; the
commands' modules take their part from its sheet. Lines are told apart by their labels and by the
heading above them, never by columns: copies out of documents have lost their indentation.

Sources: Cisco's chapter "CUBE Smart Licensing" (16.9 to 17.3.2), Smart Agent 4.x to 6.x layouts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.parse.show.instants import TIME
from monitor.parse.show.license_labels import CHAPTERS, ENTITLEMENT, HEADINGS, LABELS, READ_PAST
from monitor.parse.show.page import Block, Filed, Page, labelled, normal, underline

CLASSES: Final = ("perpetual", "subscription", "enforced", "export")
ENTITLEMENT_HEADING: Final = re.compile(r"(?:(\S.{0,150}?) )?\(([^()]{1,150})\):")
_MEMBER = re.compile(r"([A-Za-z][A-Za-z0-9 ]{0,20}): ?PID:([^,\s]{1,60}), ?SN:(\S{1,60})")
_UDI = re.compile(r"(?:PID:|P:)([^,\s]{1,60}), ?(?:SN:|S:)([^,\s]{1,60})(?:,UUID:\S{1,80})?")
_INSTALLED = re.compile(rf"\bINSTALLED on ({TIME})", re.IGNORECASE)
_TRUST_EXTRA = re.compile(
    rf"(?:Trust Code Type: \S+|(?:Valid|Expired|Expires) on:? (?:{TIME}|<none>)|INSTALLED"
    r"|NOT INSTALLED|Status:)[, ]*",
    re.IGNORECASE,
)
_TRUST_TYPE = re.compile(r"trust code type: (\S+)", re.IGNORECASE)
NOTHING_IN_USE: Final = re.compile(r"No licenses in use(?: or reserved)?\.?", re.IGNORECASE)
SUMMARY_HEADER: Final = re.compile(r"License Entitlement tag Count Status", re.IGNORECASE)
_SUMMARY_ROW = re.compile(r"(\S.{0,150}?) \((.{1,150}?)\) (\d{1,9}) (\S.{0,40})")


@dataclass(slots=True, kw_only=True)
class TrustCode:
    """Trust code of one member, times as printed."""

    role: str = ""
    pid: str = ""
    sn: str = ""
    installed: str | None = None
    kind: str | None = None


@dataclass(slots=True, kw_only=True)
class Sheet:
    """Everything the lines said, still as text, under the keys of `license_labels.LABELS`."""

    values: dict[str, str] = field(default_factory=dict)
    classes: dict[str, Block] = field(default_factory=dict)
    entitlements: list[Block] = field(default_factory=list)
    rows: list[tuple[str, str, int, str]] = field(default_factory=list)
    """Rows of the summary's table: name, tag, count, status."""
    table: bool = False
    """Whether the summary's table has begun."""
    nothing_in_use: bool = False
    trust: list[TrustCode] = field(default_factory=list)
    trust_none: str | None = None
    """The device's words where it says that there is no trust code."""
    members: list[tuple[str, str, str]] = field(default_factory=list)
    """HA UDI list: role, PID, serial number."""


def udi(text: str) -> tuple[str, str] | None:
    """(PID, serial number) of `PID:C8000V,SN:9X` or `P:C8000V,S:9X`."""
    found = _UDI.fullmatch(text)
    return None if found is None else (found[1], found[2])


def walk(page: Page) -> Sheet:
    """Read every line once; what is not understood is left on the page."""
    walker = _Walk(page)
    for line in page:
        walker.take(line)
    return walker.sheet


def _ends_chapter(label: str, value: str) -> bool:
    return label in CHAPTERS and (not value or label == "trust code installed")


class _Walk:
    def __init__(self, page: Page) -> None:
        self.sheet = Sheet()
        self._page = page
        self._section = ""
        self._entitlement: Block | None = None
        self._heading = ""
        """The entitlement heading just read, so that one line printed twice is one."""

    def take(self, line: str) -> None:
        """File one line."""
        if underline(line):
            return
        label, value = labelled(line) or (normal(line), "")
        if self._section in READ_PAST and not _ends_chapter(label, value):
            self._read_past(line, label, value)
        elif not (self._titled(line, label, value) or self._special(line) or self._pair(line)):
            self._page.leave(line)

    def _read_past(self, line: str, label: str, value: str) -> None:
        if label == "current time":
            self._page.file(self.sheet.values, "current_time", value)
        else:
            self._page.settle(line)

    # Headings

    def _titled(self, line: str, label: str, value: str) -> bool:
        heading = ENTITLEMENT_HEADING.fullmatch(line)
        if heading is not None:
            self._begin(heading[1] or "", heading[2], line)
        elif label == "handle":
            self._begin("", "", line)
        elif label == "trust code installed":
            self._begin_trust(value)
        elif not value and (section := HEADINGS.get(label)):
            self._enter(section)
        else:
            return self._unknown_title(line, label, value)
        return True

    def _begin_trust(self, value: str) -> None:
        self._enter("trust")
        if value and not self._trust(value):
            self._page.unclear("Trust Code Installed", value, "a time")

    def _enter(self, section: str) -> None:
        if section in CLASSES:
            self.sheet.classes.setdefault(section, Block())
        elif section not in ENTITLEMENT.sections:
            self._entitlement, self._heading = None, ""
        self._section = section

    def _unknown_title(self, line: str, label: str, value: str) -> bool:
        if line.endswith(":") and not value and not self._knows(label):
            if self._section not in ENTITLEMENT.sections:
                self._section = "unknown"
            self._page.leave(line)
            return True
        return False

    def _knows(self, label: str) -> bool:
        if self._entitlement is not None and label in ENTITLEMENT.labels:
            return True
        return (self._section, label) in LABELS or ("", label) in LABELS

    def _begin(self, name: str, tag: str, heading: str) -> None:
        if heading == self._heading and self._entitlement and self._entitlement.untouched:
            return
        self._enter("entitlement")
        self._entitlement, self._heading = Block(), heading
        if tag:
            self._entitlement.begin(name=name, tag=tag)
        self.sheet.entitlements.append(self._entitlement)

    # Lines that are no plain label and value

    def _special(self, line: str) -> bool:
        if NOTHING_IN_USE.fullmatch(line):
            self.sheet.nothing_in_use = True
            return True
        if line.lower().startswith("evaluation period expired"):
            return True
        if self._section == "trust" and self._trust(line):
            return True
        if self._section == "members" and (found := _MEMBER.fullmatch(line)):
            self.sheet.members.append((found[1], found[2], found[3]))
            return True
        return self._table(line)

    def _table(self, line: str) -> bool:
        if SUMMARY_HEADER.fullmatch(line):
            self.sheet.table = True
            return True
        if self.sheet.table and (row := _SUMMARY_ROW.fullmatch(line)):
            self.sheet.rows.append((row[1], row[2], int(row[3]), row[4]))
            return True
        return False

    def _trust(self, line: str) -> bool:
        if line.lower() in {"<none>", "none", "not installed"}:
            self.sheet.trust_none = line
            return True
        if re.fullmatch(TIME, line):
            self.sheet.trust.append(TrustCode(installed=line))
            return True
        if found := _MEMBER.fullmatch(line):
            self.sheet.trust.append(TrustCode(role=found[1], pid=found[2], sn=found[3]))
            return True
        return self._trust_detail(line)

    def _trust_detail(self, line: str) -> bool:
        installed, kind = _INSTALLED.search(line), _TRUST_TYPE.search(line)
        rest = _TRUST_EXTRA.sub("", _INSTALLED.sub("", line)).strip()
        if rest and not installed:
            return False
        if rest:
            self._page.leave(line)
        code = self._open_trust(installed)
        if installed:
            code.installed = installed[1]
        if kind:
            code.kind = kind[1]
        return True

    def _open_trust(self, installed: re.Match[str] | None) -> TrustCode:
        codes = self.sheet.trust
        if not codes or (installed and codes[-1].installed not in (None, installed[1])):
            if codes and codes[-1].role:
                self._page.warn("Trust Code Installed: a line INSTALLED names no member")
            codes.append(TrustCode())
        return codes[-1]

    # Plain labels

    def _pair(self, line: str) -> bool:
        pair = labelled(line)
        if pair is None:
            return self._bare(line)
        label, value = pair
        if self._entitlement is not None and self._section in ENTITLEMENT.sections:
            return self._entitled(label, value)
        if self._section in CLASSES and label in ENTITLEMENT.policy:
            return self._attribute(label, value)
        key = LABELS.get((self._section, label)) or LABELS.get(("", label))
        if key is None:
            return False
        self._page.file(self.sheet.values, key, value)
        return True

    def _bare(self, line: str) -> bool:
        if self._section in {"proxy", "vrf"}:
            self._page.file(self.sheet.values, f"{self._section}.said", line)
            return True
        if self._section == "features":
            return True
        return line.lower().startswith("smart licensing is ")

    def _attribute(self, label: str, value: str) -> bool:
        filed = self.sheet.classes[self._section].put(label, value)
        if filed is Filed.NEW:
            return True
        self._page.warn(f"policy: {label} comes twice for {self._section}; a line may be missing")
        if filed is Filed.TWICE:
            return True
        self._section = "unknown"
        return False

    def _entitled(self, label: str, value: str) -> bool:
        key = ENTITLEMENT.key(self._section, label)
        if key is None or self._entitlement is None:
            return False
        filed = self._entitlement.put(key, value)
        if filed is not Filed.NEW:
            self._page.warn(f"usage: {label} comes twice for one licence; a line may be missing")
        if filed is Filed.ELSEWHERE:
            self._entitlement = Block()
            self._entitlement.put(key, value)
            self.sheet.entitlements.append(self._entitlement)
        return True


def value(values: Mapping[str, str], key: str) -> str | None:
    """A free text; "" where the device says that there is none."""
    text = values.get(key)
    if text is None:
        return None
    return "" if text.lower() in {"<none>", "<empty>", "none", "not configured"} else text
