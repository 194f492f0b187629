"""Whatever the bytes: a message or a ParseError, in bounded work, and never a licence line lost."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parse import syslog
from monitor.parse.syslog import header, message, stamp

RECEIVED = 1_617_463_800.0
GOLDEN = Path(__file__).parents[2] / "golden" / "syslog"
FRAMES = [path.read_bytes().rstrip(b"\n") for path in sorted(GOLDEN.glob("*/*/frame.txt"))]
REASONS = {"empty", "no_mnemonic"}

pieces = st.one_of(
    st.sampled_from(FRAMES),
    st.binary(max_size=40),
    st.sampled_from(
        [
            *(
                b"%",
                b"-",
                b"<189>",
                b": ",
                b"*",
                b".",
                b"//CUBE-SL/",
                b"\xff",
                b"\0",
                b"\xef\xbb\xbf",
            ),
            *(b"%SMART_LIC-3-", b"%SIP-5-LICENSING", b"%SEC-6-X", b"%6-5-X", b"%SMART_LIC-W-X"),
            *(b"Apr  3 15:12:00", b" UTC", b"2021-04-03T15:12:00Z ", b"2d03h: ", b"1 2: "),
            *(
                b"4182: ",
                b"cube-1",
                b"RP/0/RP0/CPU0:",
                b"1 - - - - - ",
                b"last message repeated 4 times",
            ),
        ]
    ),
)
payloads = st.lists(pieces, max_size=8).map(b"".join)


def read_or_none(payload: bytes) -> syslog.Message | None:
    try:
        return syslog.read(payload, RECEIVED)
    except ParseError as refusal:
        if refusal.reason not in REASONS:
            raise
        return None


def take(payload: bytes) -> None:
    """The whole way of one payload, as the pipeline goes it."""
    syslog.leading_counter(payload)
    wanted = syslog.wanted(payload)
    read = read_or_none(payload)
    if read is None:
        return
    when = syslog.when(read.stamp, RECEIVED, {"IST": 19_800})
    facts = syslog.facts(read, when, device="edge", received=RECEIVED, authenticated=False)
    assert all(len(fact.text) <= 255 for fact in facts)
    assert all(event.as_json()["kind"] == event.kind for event in syslog.events(read))
    if syslog.licence_facility(read) is not None:
        assert wanted


@given(payloads)
@settings(max_examples=500, deadline=None)
def test_any_mixture_of_pieces_is_read_or_refused_and_no_licence_line_is_filtered_out(
    payload: bytes,
) -> None:
    take(payload)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_random_bytes_are_read_or_refused(payload: bytes) -> None:
    take(payload)


@pytest.mark.parametrize("frame", FRAMES[::3])
def test_a_frame_cut_anywhere_or_doubled_is_read_or_refused(frame: bytes) -> None:
    for end in range(len(frame)):
        take(frame[:end])
        take(frame[end:])
    take(frame + frame)
    take(frame + b"\0" * 65_000)


@given(st.sampled_from(FRAMES), st.integers(0, 200), st.binary(min_size=1, max_size=1))
@settings(deadline=None)
def test_a_frame_with_a_byte_changed_is_read_or_refused(
    frame: bytes, place: int, byte: bytes
) -> None:
    take(frame[:place] + byte + frame[place + 1 :])


def test_invalid_utf8_and_nul_are_read_as_replacements() -> None:
    read = syslog.read(b"<189>7: %CUBE-5-LICENSE_INFO: a\xff\0b\0\0", RECEIVED)

    assert read.text == "a\ufffd\0b"


HOSTILE = {
    "tokens begun": b"%A-",
    "percent signs": b"%",
    "facility": b"%" + b"A_" * 31 + b"-",
    "priorities": b"<189>",
    "months": b"Apr  3 ",
    "separators": b": ",
    "segments": b"a: ",
    "blanks": b" ",
    "brackets": b"[\\",
    "debug marks": b"//CUBE-SL/",
    "repetitions": b"last message repeated ",
    "open reasons": b"x: (y",
    "tabs": b"\t:",
}
ENDS = [b"", b"%SMART_LIC-3-COMM_FAILED: x", b"%SIP-5-LICENSING: service", b"\xff"]


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("start", [b"", b"<191>1 - - - - - ", b"%CUBE-3-LICENSING: "])
def test_doubling_a_hostile_payload_does_not_lengthen_the_header_that_is_looked_at(
    piece: bytes, end: bytes, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    bounded = header._bounded

    def counted(text: str) -> str:
        cut = bounded(text)
        looked_at.append(len(cut))
        return cut

    monkeypatch.setattr(header, "_bounded", counted)
    for size in (16_384, 32_768, 65_536):
        looked_at.clear()
        payload = start + piece * ((size - len(start) - len(end)) // len(piece)) + end
        take(payload)
        assert sum(looked_at) <= 2 * header._LONGEST


def test_no_pattern_repeats_without_a_bound_what_may_itself_repeat() -> None:
    """The shape of a pattern that can explode: a repeated group that ends in a repetition."""
    explosive = re.compile(r"[+*]\)[+*]|\}\)[+*]|[+*]\)\{")
    for module in (header, message, stamp):
        patterns = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
        assert patterns
        assert not [p.pattern for p in patterns if explosive.search(p.pattern)]


def test_a_refusal_is_never_anything_but_a_parse_error() -> None:
    for payload in (
        b"",
        b"%",
        b"<",
        b"<>",
        b"<1",
        b":",
        b"%-",
        b"%A-5",
        b"//CUBE-SL/",
        b"\xef\xbb",
    ):
        with contextlib.suppress(ParseError):
            syslog.read(payload, RECEIVED)
