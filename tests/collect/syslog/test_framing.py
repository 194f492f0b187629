"""Any pieces of a stream give the messages that the whole stream gives."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.collect.syslog.framing import Decoder, Framing

LONGEST = 40
LINE = b"<189>81: %CUBE-5-LICENSE_INFO: Reques"


def decoded(*pieces: bytes, longest: int = LONGEST) -> tuple[list[bytes], Decoder]:
    decoder = Decoder(longest=longest)
    messages = [message for piece in pieces for message in decoder.feed(piece)]
    return messages + decoder.end(), decoder


def reference(stream: bytes) -> list[bytes]:
    """The same rules, slowly, over a whole stream."""
    stream = stream.lstrip(b"\r\n\0 ")
    if re.match(rb"\d{1,10} <", stream):
        return [message for message in counted_reference(stream) if message]
    lines = [line.removesuffix(b"\r") for line in re.split(rb"[\n\0]", stream)]
    return [line[:LONGEST] for line in lines if line]


def counted_reference(stream: bytes) -> list[bytes]:
    messages = []
    while stream := stream.lstrip(b"\r\n\0 "):
        if count := re.match(rb"([1-9]\d{0,6}) ", stream):
            size = int(count[1])
            if size > 1 << 20:
                break
            stream = stream[count.end() :]
            messages.append(stream[: min(size, LONGEST)].rstrip(b"\r\n\0"))
            stream = stream[size:]
        elif stream[:1].isdigit():
            break
        else:
            line = re.match(rb"[^\n\0]*", stream)
            assert line is not None
            if line.end() > LONGEST:
                break
            messages.append(line[0].rstrip(b"\r\n\0"))
            stream = stream[line.end() :]
    return messages


def framed_counted(message: bytes) -> bytes:
    return b"%d %s" % (len(message), message)


text = st.binary(max_size=LONGEST + 6) | st.sampled_from([LINE, b"<1>a", b"", b"\r", b"12 <"])
separators = st.sampled_from([b"\n", b"\r\n", b"\0", b"\n\n", b"\r\r\n", b""])
line_streams = st.lists(st.builds(lambda a, b: a + b, text, separators), max_size=8).map(b"".join)
counted_streams = st.lists(
    st.builds(lambda a, b: framed_counted(b"<1>" + a) + b, text, separators), min_size=1, max_size=8
).map(b"".join)
odd_counts = st.sampled_from(
    [b"007 <1>x", b"4294967296 <1>x", b"0 <", b"99 <1>cut off", b"12", b"5 <1>abc6 ", b"-5 <1>x"]
)
streams = st.one_of(
    line_streams,
    counted_streams,
    st.builds(lambda a, b, c: a + b + c, counted_streams, odd_counts, line_streams),
    st.builds(lambda a, b: a + b, counted_streams, line_streams),
    odd_counts,
    st.binary(max_size=120),
)


@settings(max_examples=600, deadline=None)
@given(streams, st.lists(st.integers(0, 400), max_size=20))
@example(b"4 <1>a5 <1>bc", list(range(20)))
@example(b"x" * (LONGEST + 1) + b"\r\n" + LINE, [LONGEST + 1, LONGEST + 2])
@example(b"x" * LONGEST + b"\r\n", [LONGEST, LONGEST + 1])
def test_any_pieces_give_the_same_messages(stream: bytes, cuts: list[int]) -> None:
    borders = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(borders)]

    in_pieces, decoder = decoded(*pieces)

    assert in_pieces == reference(stream)
    _, whole = decoded(stream)
    assert (decoder.framing, decoder.cut) == (whole.framing, whole.cut)


@pytest.mark.parametrize(
    ("stream", "framing"),
    [
        (b"<189>81: text\n", Framing.LINES),
        (b"13 <189>81: text", Framing.COUNTED),
        (b"\n\r\n13 <189>81: text", Framing.COUNTED),
        (b"15 Nov 12:00:00 a line that begins with a day\n", Framing.LINES),
        (b"2023-11-15T08:00:00Z a line that begins with a year\n", Framing.LINES),
        (b"-5 <189>81: text\n", Framing.LINES),
        (b"13", Framing.UNKNOWN),
        (b"007 <189>81: text", Framing.BROKEN),
        (b"4294967296 <189>81: text", Framing.BROKEN),
        (b"1048577 <189>81: text", Framing.BROKEN),
        (b"0 <189>81: text", Framing.BROKEN),
    ],
)
def test_the_first_message_tells_the_framing(stream: bytes, framing: Framing) -> None:
    decoder = Decoder(longest=LONGEST)
    decoder.feed(stream)

    assert decoder.framing is framing


def test_a_broken_connection_gives_nothing_more() -> None:
    messages, decoder = decoded(b"6 <1>abc007 <1>abc", b"6 <1>def")

    assert messages == [b"<1>abc"]
    assert decoder.framing is Framing.BROKEN


def test_a_line_between_counted_messages_is_read() -> None:
    messages, _ = decoded(b"6 <1>abc\n<1>plain\n6 <1>def")

    assert messages == [b"<1>abc", b"<1>plain", b"<1>def"]


def test_long_lines_are_cut_once_and_counted() -> None:
    messages, decoder = decoded(b"x" * 30, b"x" * 30, b"x" * 100_000, b"y\n<1>next\n")

    assert messages == [b"x" * LONGEST, b"<1>next"]
    assert decoder.cut == 1


def test_a_large_count_is_cut_and_the_next_message_found() -> None:
    body = b"<1>" + b"x" * 1000
    messages, decoder = decoded(framed_counted(body)[:90], framed_counted(body)[90:] + b"4 <1>a")

    assert messages == [body[:LONGEST], b"<1>a"]
    assert decoder.cut == 1


def test_little_is_kept_of_a_line_without_end() -> None:
    decoder = Decoder(longest=LONGEST)
    for _ in range(1000):
        decoder.feed(b"x" * 10_000)

    assert len(decoder._rest) <= LONGEST + 1
    assert decoder.unfinished


@pytest.mark.parametrize(
    ("stream", "last", "cut"),
    [
        (b"<1>whole\n<1>no end", b"<1>no end", 0),
        (b"<1>whole\n<1>no end\r", b"<1>no end", 0),
        (b"8 <1>whole9 <1>only", b"<1>only", 1),
        (b"8 <1>whole\n<1>line", b"<1>line", 0),
        (b"8 <1>whole12", b"<1>whole", 0),
        (b"12", b"12", 0),
    ],
)
def test_the_last_message_counts_without_its_end(stream: bytes, last: bytes, cut: int) -> None:
    messages, decoder = decoded(stream)

    assert messages[-1] == last
    assert decoder.cut == cut
    assert decoder.end() == []


def test_a_finished_message_leaves_nothing_unfinished() -> None:
    decoder = Decoder(longest=LONGEST)
    seen = []
    for byte in b"6 <1>abc":
        decoder.feed(bytes([byte]))
        seen.append(decoder.unfinished)

    assert seen == [True] * 7 + [False]
