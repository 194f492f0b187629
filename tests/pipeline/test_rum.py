"""Usage reports out of captures, and whose they are."""

from typing import Any

import pytest

from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.rum import RumListing, RumNote, RumSource, RumState
from monitor.parse import show
from monitor.parse.rum_listing import listed
from monitor.pipeline.rum import Routers, RumLedgers

T0 = 1_706_918_400
HEAD = """\
Smart Licensing Usage Report:
====================================
Report Id,          State,    Flag, Feature Name
"""
ROW = "1706918400          CLOSED    N     CUBE_T_STD\n"
DETAIL = """\
Report Id: 1706918401
  Metric Name: ENTITLEMENT
  Feature Name: CUBE_T_STD
  Metric Value: regid.2019-04.com.cisco.CUBE_T_STD,1.0_0
  UDI: PID:C8300-1N1S-6T,SN:FDO0000000A
  Previous Report Id: 1706918400,    Next Report Id: 0
  State: UNACK
  State Change Reason: REPORTING
  Start Time: Feb 03 00:00:00 2024 UTC,      End Time: Feb 03 08:00:00 2024 XYZ
"""


@pytest.mark.parametrize(
    ("text", "whole", "listings"),
    [
        (HEAD + ROW, True, 1),
        (HEAD, True, 1),
        (HEAD + ROW, False, 0),  # may be cut: nothing follows about what is missing
        (ROW, True, 0),  # its head is missing, and perhaps rows with it
        (HEAD + ROW + "broken li\n", True, 0),
        (HEAD + ROW + "cube-1#show clock\n14:20:11.052 UTC Wed May 20 2026\n", False, 1),
    ],
)
def test_only_a_whole_listing_says_what_is_not_there(text: str, whole: bool, listings: int) -> None:
    outputs = show.read(text, command="show license rum id all")
    found = listed(outputs, device="cube-1", received=5.0, whole=whole)
    assert len(found.listings) == listings
    assert len(found.notes) == text.count(ROW)


def test_details_are_notes_with_times_that_are_sure() -> None:
    outputs = show.read(DETAIL + "Report Id: x\nState: ACK\n", command="show license rum id detail")
    (note,) = listed(outputs, device="cube-1", received=5.0, whole=True).notes
    assert (note.report_id, note.state, note.reason) == (T0 + 1, RumState.SENT, "REPORTING")
    assert (note.start, note.end, note.previous, note.following) == (T0, None, T0, None)


def fact(name: FactName, value: Any, subject: str = "cube-1", **more: Any) -> Fact:
    said: dict[str, Any] = {
        "received": 5.0,
        "effective": 5.0,
        "kind": FactKind.EXACT,
        "source": "cli",
    } | more
    return Fact(subject=subject, name=name, value=value, **said)


def note(subject: str, report_id: int = 1, state: RumState = RumState.CLOSED) -> RumNote:
    return RumNote(
        subject=subject, report_id=report_id, source=RumSource.FILE, state=state, seen=1, first=1
    )


OLD, NEW = "PID:C8300,SN:OLD1", "PID:C8300,SN:NEW1"


def ledgers(*facts: Fact) -> RumLedgers:
    sheet = {one.filed: one for one in facts}
    book = RumLedgers(
        Routers(
            sheet=lambda device: sheet if device == "cube-1" else {},
            called={"PID:C8300,SN:DECL": "cube-2"}.get,
        )
    )
    book.remember((), (), facts)
    return book


def take(book: RumLedgers, *notes: RumNote) -> None:
    book.remember(notes, (), ())


def test_a_report_belongs_to_the_router_it_names() -> None:
    book = ledgers(fact(FactName.UDI, NEW), fact(FactName.INSTANCE, NEW, text=OLD))
    take(book, note(NEW), note("cube-1", 2), note(OLD, 3), note("PID:C8300,SN:DECL", 4))
    take(book, note("PID:C8300,SN:WHO", 5))
    owned = {one: [r.report_id for r in book.ledger(one).reports] for one in book.subjects()}
    assert owned == {
        "PID:C8300,SN:WHO": [5],
        "cube-1": [1, 2],
        "cube-1 (SN OLD1)": [3],
        "cube-2": [4],
    }
    assert not book.known("PID:C8300,SN:WHO")
    assert "PID:C8300,SN:WHO" not in book.counts()
    assert book.counts()["cube-1"]["closed"] == 2


def test_a_router_that_is_known_later_gets_its_reports() -> None:
    book = ledgers()
    take(book, note(NEW))
    assert book.counts() == {}
    book.learn([fact(FactName.UDI, NEW)])
    assert book.owner(NEW) == "cube-1"
    assert book.counts()["cube-1"]["closed"] == 1


def test_an_acknowledgement_that_came_meanwhile_saves_what_vanished() -> None:
    ack = fact(FactName.LAST_ACK, 50.0)
    claimed = fact(FactName.LAST_ACK, 50.0, authenticated=False)
    for facts, state in (([ack], "acknowledged"), ([claimed], "lost"), ([], "lost")):
        book = ledgers(*facts)
        take(book, note("cube-1"))
        seen = RumListing(subject="cube-1", first=60, first_highest=0, last=60, count=0)
        book.remember((), [seen], facts)
        assert book.counts()["cube-1"][state] == 1
