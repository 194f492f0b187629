"""Many gNMI targets behind one port, for benchmarks/gnmi.py.

usage: _gnmi_target.py NOTIFICATIONS_A_SECOND_AND_STREAM

Prints its port, then sends at that pace on each stream, ten updates a notification. After SIGUSR1
it sends nothing more and prints how many notifications it sent in all.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc  # type: ignore[import-untyped]  # ships no types
from pygnmi.spec.v080 import gnmi_pb2  # type: ignore[import-untyped]  # ships no types

STATE = ("cisco-smart-license:licensing", "state", "state-info")
SYNC = b"\x18\x01"
sent = 0
over = asyncio.Event()


def _update(names: tuple[str, ...], key: str = "", **value: Any) -> Any:
    elements = [gnmi_pb2.PathElem(name=name) for name in names]
    if key:
        elements[3].key["entitlement-tag"] = key
    return gnmi_pb2.Update(path=gnmi_pb2.Path(elem=elements), val=gnmi_pb2.TypedValue(**value))


def _body() -> bytes:
    tag = "regid.2020-05.com.cisco.CUBE_T_STD,1.0_aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    legs = (
        "Cisco-IOS-XE-voice-oper:voice-oper-data",
        "active-voip-call-summary",
        "sip-call-legs",
    )
    ha = ("Cisco-IOS-XE-ha-oper:ha-oper-data", "ha-infra")
    usage = (*STATE, "usage")
    when = json.dumps("2030-01-30T00:00:00+00:00").encode()
    message = gnmi_pb2.Notification(
        update=[
            _update(legs, uint_val=240),
            _update((*ha, "ha-state"), json_ietf_val=b'"db-rf-active"'),
            _update((*ha, "peer-state"), json_ietf_val=b'"db-rf-standby-hot"'),
            _update((*STATE, "rum-ack", "next-report-deadline"), json_ietf_val=when),
            _update((*STATE, "rum-ack", "last-received-time"), json_ietf_val=when),
            _update((*STATE, "policy", "ack-required"), json_ietf_val=b"true"),
            _update((*STATE, "transport", "transport-type"), string_val="transport-type-smart"),
            _update((*usage, "short-name"), tag, string_val="CUBE_T_STD"),
            _update((*usage, "count"), tag, json_ietf_val=b'"120"'),
            _update((*usage, "enforcement-mode"), tag, string_val="enforcement-in-compliance"),
        ]
    )
    serialized: bytes = message.SerializeToString()
    return serialized


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def _now(body: bytes) -> bytes:
    notification = b"\x08" + _varint(time.time_ns()) + body
    return b"\x0a" + _varint(len(notification)) + notification


async def _subscribe(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
    global sent  # noqa: PLW0603 - one small program
    del context
    await anext(aiter(requests))
    body = _body()
    yield _now(body)
    sent += 1
    yield SYNC
    loop = asyncio.get_running_loop()
    pause = 1 / float(sys.argv[1])
    # Streams that began together do not all send together.
    due = loop.time() + pause * (sent % 97) / 97
    while not over.is_set():
        due += pause
        await asyncio.sleep(max(0.0, due - loop.time()))
        if not over.is_set():
            yield _now(body)
            sent += 1
    await asyncio.Event().wait()


async def _capabilities(request: bytes, context: Any) -> bytes:
    del request, context
    models = ("cisco-smart-license", "Cisco-IOS-XE-voice-oper", "Cisco-IOS-XE-ha-oper")
    answer: bytes = gnmi_pb2.CapabilityResponse(
        supported_models=[gnmi_pb2.ModelData(name=name, version="2021-03-01") for name in models],
        supported_encodings=[gnmi_pb2.JSON_IETF],
        gNMI_version="0.7.0",
    ).SerializeToString()
    return answer


async def main() -> None:
    server = grpc.aio.server()
    methods = {
        "Capabilities": grpc.unary_unary_rpc_method_handler(_capabilities),
        "Subscribe": grpc.stream_stream_rpc_method_handler(_subscribe),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("gnmi.gNMI", methods),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, over.set)
    await over.wait()
    await asyncio.sleep(1)
    print(sent, flush=True)
    await server.wait_for_termination()


asyncio.run(main())
