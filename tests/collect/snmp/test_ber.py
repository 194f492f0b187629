"""Bounds on bytes, our reader beside pyasn1's, and a million mutated datagrams on demand."""

import asyncio
import os
import random
import resource
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1902
from pysnmp.proto.api import v2c

from monitor.collect.snmp import SnmpTrapConfig, SnmpUser, ber, message
from monitor.collect.snmp.login import Authentication, Privacy
from monitor.collect.snmp.notifications import Receiver
from monitor.errors import ParseError
from monitor.lab.snmp_agent import Access, Agent
from monitor.lab.snmp_objects import Gauge, Ticks
from monitor.secret import SecretRef

MUTATIONS = int(os.environ.get("SNMP_MUTATIONS", "4000"))
"""Datagrams; the long run takes 1,000,000."""
FROM = ("127.0.0.1", 50_000)
UPTIME, TRAP = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"


def v2_message(varbinds: Sequence[tuple[str, Any]], kind: Any = v2c.SNMPv2TrapPDU) -> bytes:
    pdu = kind()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_varbinds(pdu, [(univ.ObjectIdentifier(name), value) for name, value in varbinds])
    whole = v2c.Message()
    v2c.apiMessage.set_defaults(whole)
    v2c.apiMessage.set_community(whole, "of-traps")
    v2c.apiMessage.set_pdu(whole, pdu)
    return bytes(encoder.encode(whole))


values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda number: (rfc1902.Integer32(number), number)),
    st.integers(0, 2**32 - 1).map(lambda number: (rfc1902.Gauge32(number), number)),
    st.integers(0, 2**64 - 1).map(lambda number: (rfc1902.Counter64(number), number)),
    st.binary(max_size=300).map(lambda octets: (univ.OctetString(octets), octets)),
    st.just((rfc1902.IpAddress("192.0.2.1"), "192.0.2.1")),
    st.just((univ.Null(""), None)),
    st.lists(st.integers(0, 2**32 - 1), max_size=20).map(
        lambda arcs: (
            univ.ObjectIdentifier((1, 3, *arcs)), ".".join(map(str, (1, 3, *arcs))),
        )
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(values, max_size=12))
def test_what_pyasn1_writes_is_read_the_same(written: list[tuple[Any, Any]]) -> None:
    names = [f"1.3.6.1.4.1.{row}" for row in range(len(written))]
    data = v2_message(list(zip(names, [one for one, _ in written], strict=True)))
    ber.check(data)
    said = message.plain(data)
    assert (said.community, said.reply) == (b"of-traps", None)
    assert said.varbinds == list(zip(names, [value for _, value in written], strict=True))


def test_an_acknowledgement_is_the_response_to_its_inform() -> None:
    data = v2_message([(UPTIME, rfc1902.TimeTicks(5))], v2c.InformRequestPDU)
    reply = message.plain(data).reply
    assert reply is not None
    [place] = [at for at in range(len(data)) if data[at] != reply[at]]
    assert (data[place], reply[place]) == (0xA6, 0xA2)


def sequence(inner: bytes, tag: int = 0x30) -> bytes:
    assert len(inner) < 1 << 16
    return bytes([tag, 0x82]) + len(inner).to_bytes(2) + inner


def nested(depth: int) -> bytes:
    data = b"\x05\x00"
    for _ in range(depth):
        data = sequence(data)
    return data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cut"),
        (b"\x30", "cut"),
        (b"\x30\x05\x02\x01\x00", "cut"),
        (b"\x30\x00\x00", "trailing"),
        (b"\x30\x80\x00\x00", "indefinite"),
        (b"\x30\x85\x01\x01\x01\x01\x01", "length"),
        (b"\x30\x84\xff\xff\xff\xff", "cut"),
        (b"\x3f\x81\x01\x00", "tag"),
        (nested(ber.DEEPEST + 1), "deep"),
        (nested(2000), "deep"),
        (sequence(b"\x05\x00" * 5000), "items"),
        (sequence(b"\x06\x00"), "oid"),
        (sequence(b"\x06\x02\x2b\x86"), "oid"),
        (sequence(b"\x06\x07\x2b" + b"\xff" * 5 + b"\x7f"), "oid"),
        (sequence(sequence(b"\x2b" + b"\x01" * 200, 0x06)), "oid"),
    ],
)
def test_bytes_out_of_bounds_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refused:
        ber.check(data)
    assert refused.value.reason == reason


def test_an_engine_id_must_have_5_to_32_octets() -> None:
    assert [message.usable_engine_id(b"x" * size) for size in (0, 4, 5, 32, 33)] == [
        False, False, True, True, False,
    ]  # fmt: skip


# Mutations


def mutated(random_: random.Random, seeds: Sequence[bytes]) -> bytes:
    data = bytearray(random_.choice(seeds))
    for _ in range(random_.choice((1, 1, 1, 2, 3, 8))):
        at = random_.randrange(len(data) + 1)
        match random_.randrange(6):
            case 0 if at < len(data):
                data[at] = random_.randrange(256)
            case 1 if at < len(data):
                data[at] ^= 1 << random_.randrange(8)
            case 2:
                del data[at : at + random_.randrange(1, 9)]
            case 3:
                data[at:at] = random_.randbytes(random_.randrange(1, 9))
            case 4:
                data[at:at] = data[at : at + random_.randrange(1, 60)]
            case _:
                data = data[:at] or data
    return bytes(data)


class Wiretap(asyncio.DatagramProtocol):
    """Keeps datagrams."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.came = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del addr
        self.heard.append(data)
        self.came.set()


async def of_version_3() -> bytes:
    """A trap as a router would send it, signed and encrypted."""
    loop = asyncio.get_running_loop()
    transport, tap = await loop.create_datagram_endpoint(Wiretap, local_addr=("127.0.0.1", 0))
    secret = {"auth_secret": "authsecret1", "priv_secret": "privsecret1"}
    agent = Agent("fuzz", lambda _: {}, Access(user="sealed", **secret), lambda: 0.0)
    await agent.listen()
    to = ("127.0.0.1", int(transport.get_extra_info("sockname")[1]))
    await agent.notify(
        to, "1.3.6.1.4.1.9.9.831.1.44",
        {UPTIME: Ticks(5), "1.3.6.1.4.1.9.9.831.0.12.1.0": Gauge(3)}, "v3",
    )  # fmt: skip
    async with asyncio.timeout(10):
        await tap.came.wait()
    transport.close()
    agent.close()
    return tap.heard[0]


def test_mutated_datagrams_are_taken_or_counted_and_memory_stays(
    monkeypatch: pytest.MonkeyPatch, receiving: Any
) -> None:
    for name, secret in (("C", "of-traps"), ("A", "authsecret1"), ("P", "privsecret1")):
        monkeypatch.setenv(name, secret)
    user = SnmpUser(
        user="sealed", auth=Authentication.SHA256, auth_secret=SecretRef(env="A"),
        priv=Privacy.AES128, priv_secret=SecretRef(env="P"),
    )  # fmt: skip
    config = SnmpTrapConfig(
        communities=(SecretRef(env="C"),), users=(user,), per_source=1e9, queue=1 << 40
    )
    varbinds = [
        (UPTIME, rfc1902.TimeTicks(5)),
        (TRAP, univ.ObjectIdentifier("1.3.6.1.4.1.9.9.831.1.44")),
        ("1.3.6.1.4.1.9.9.831.0.2.0", univ.OctetString("PID:C8000V,SN:9LAB")),
        ("1.3.6.1.4.1.9.9.831.0.12.1.0", rfc1902.Gauge32(31)),
    ]

    async def play() -> None:
        sealed = await of_version_3()
        seeds = [v2_message(varbinds), v2_message(varbinds, v2c.InformRequestPDU)] * 5 + [sealed]
        receiver, random_ = Receiver(config, receiving.instruments), random.Random(7)  # noqa: S311 - mutations
        receiver.datagram_received(sealed, FROM)
        assert receiving.count("taken") == 1
        before = 0
        for number in range(MUTATIONS):
            receiver.datagram_received(mutated(random_, seeds), FROM)
            receiver._waiting.clear()
            if number == MUTATIONS // 2:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        receiver.close()
        told = counts(receiving)
        assert sum(told.values()) >= MUTATIONS
        assert told["taken"] > MUTATIONS / 100
        assert told["not_authentic"] > 0
        assert len(told) > 12
        assert grown < 8192
        if MUTATIONS > 100_000:
            print(f"{MUTATIONS} datagrams, memory +{grown} KiB: {dict(told)}")  # noqa: T201 - asked for

    asyncio.run(play())


def counts(receiving: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for family in receiving.registry.collect():
        for sample in family.samples:
            if sample.name == "cube_monitor_snmp_notifications_total":
                found[sample.labels["result"]] = int(sample.value)
    return found


def test_a_flood_of_one_sender_is_bounded(monkeypatch: pytest.MonkeyPatch, receiving: Any) -> None:
    monkeypatch.setenv("C", "of-traps")
    config = SnmpTrapConfig(communities=(SecretRef(env="C"),), per_source=2, queue=25)
    data = v2_message([(TRAP, univ.ObjectIdentifier("1.3.6.1.6.3.1.1.5.1"))])

    async def play() -> None:
        now = 0.0
        receiver = Receiver(config, receiving.instruments, monotonic=lambda: now)
        send: Callable[[str], None] = lambda host: receiver.datagram_received(data, (host, 1))  # noqa: E731
        for _ in range(30):
            send("127.0.0.1")
        assert (receiving.count("taken"), receiving.count("rate")) == (20, 10)
        for _ in range(10):
            send("127.0.0.2")
        assert (receiving.count("taken"), receiving.count("queue_full")) == (25, 5)

    asyncio.run(play())
