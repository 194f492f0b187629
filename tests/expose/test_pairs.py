import json
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.operation import Operation, Order
from monitor.domain.pair import (
    Check,
    MemberRole,
    Needed,
    Pair,
    PairRoles,
    Rehearsal,
    Role,
    Verdict,
)
from monitor.domain.state import PairState
from monitor.errors import OperationError
from monitor.expose.api import accept_operations

NOW = 1_700_035_200.0


def edge() -> PairState:
    said = Fact(
        subject="berlin", name=FactName.RG_ROLE, source="cli", value="active",
        kind=FactKind.EXACT, received=NOW - 60, effective=NOW - 60,
    )  # fmt: skip
    need = Needed(tag="CUBE_T_RED or CUBE_T_ENH", count=20, profile="reported")
    return PairState(
        pair=Pair(name="edge", members=("berlin", "oslo"), since=NOW - 86_400),
        now=NOW,
        roles=PairRoles(
            members=(
                MemberRole(device="berlin", role=Role.ACTIVE, said=said),
                MemberRole(device="oslo", role=None),
            )
        ),
        ready=False,
        needs=(need,),
        rehearsal=Rehearsal(
            standby="oslo",
            lives=Verdict.FAILS,
            headline="edge: if oslo takes over now, CALLS STOP",
            checks=(Check(name="trust", verdict=Verdict.FAILS, why="None is installed."),),
            needs=(need,),
            page="ack_overdue / overdue: Passed.",
            next="license smart trust",
        ),
    )


@pytest.fixture
def paired(face: Any) -> Any:
    face.fleet = replace(face.fleet, pairs=[edge()])
    return face


def test_a_pair_shows_roles_needs_and_its_rehearsal(paired: Any) -> None:
    (shown,) = paired.json("/api/v1/pairs")["pairs"]
    assert (shown["name"], shown["kind"], shown["ready"]) == ("edge", "box_to_box", False)
    assert shown["members"] == [
        {"device": "berlin", "role": "active", "said": "2023-11-15T07:59:00Z", "source": "cli",
         "authenticated": True},
        {"device": "oslo", "role": None, "said": None, "source": None, "authenticated": None},
    ]  # fmt: skip
    assert shown["needs"] == [
        {"tag": "CUBE_T_RED or CUBE_T_ENH", "count": 20, "profile": "reported"}
    ]
    assert shown == paired.json("/api/v1/pairs/EDGE")
    assert shown == paired.json("/api/v1/pairs/oslo")
    assert shown["rehearsal"] == paired.json("/api/v1/pairs/edge/rehearsal")
    assert shown["rehearsal"]["checks"] == [
        {"name": "trust", "verdict": "fails", "why": "None is installed."}
    ]


def test_an_unknown_pair_names_the_nearest(paired: Any) -> None:
    answer = paired.get("/api/v1/pairs/edgy")
    assert answer.status_code == 404
    assert answer.json()["nearest"] == ["edge"]


def test_pairs_are_metrics(paired: Any) -> None:
    text = paired.get("/metrics").text
    assert 'cube_pair_role{device="berlin",pair="edge",role="active"} 1.0' in text
    assert 'cube_pair_role{device="oslo",pair="edge",role="unknown"} 1.0' in text
    assert 'cube_pair_role{device="oslo",pair="edge",role="active"} 0.0' in text
    assert 'cube_pair_ready{pair="edge"} 0.0' in text
    assert 'cube_pair_takeover{pair="edge",verdict="fails"} 1.0' in text
    needed = 'cube_pair_licenses_needed{pair="edge",profile="reported"'
    assert f'{needed},tag="CUBE_T_RED or CUBE_T_ENH"}} 20.0' in text


def test_readiness_that_nobody_knows_has_no_sample(paired: Any) -> None:
    paired.fleet = replace(paired.fleet, pairs=[replace(edge(), ready=None)])
    assert "cube_pair_ready{" not in paired.get("/metrics").text


# Operations


class Desk:
    """Takes orders as the service does."""

    def __init__(self) -> None:
        self.orders: list[Order] = []

    async def operate(self, order: Order) -> str:
        if order.device == "nobody":
            raise OperationError("no device is called 'nobody'")
        self.orders.append(order)
        return f"{order.by}: {order.operation.value}"


@pytest.fixture
def desk(face: Any) -> Desk:
    desk = Desk()
    accept_operations(face.app, desk.operate, lambda: face.fleet)
    return desk


def ordered(**other: str) -> str:
    return json.dumps({"operation": "retire", "device": "berlin", "by": "ann", **other})


def test_an_order_is_handed_on_and_answered(face: Any, desk: Desk) -> None:
    answer = face.ask("POST", "/api/v1/operations", content=ordered(reason="closed\x1b[1m"))
    assert (answer.status_code, answer.json()) == (200, {"done": "ann: retire"})
    assert desk.orders == [
        Order(operation=Operation.RETIRE, device="berlin", by="ann", reason="closed [1m")
    ]


def test_what_cannot_be_done_is_a_conflict(face: Any, desk: Desk) -> None:
    answer = face.ask("POST", "/api/v1/operations", content=ordered(device="nobody"))
    assert answer.status_code == 409
    assert answer.json()["detail"] == "no device is called 'nobody'"
    assert desk.orders == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        (ordered(operation="explode"), 400),
        (ordered(by=""), 400),
        (ordered(extra="x"), 400),
        ("x" * 70_000, 413),
    ],
)
def test_orders_that_are_none_are_refused(face: Any, desk: Desk, body: str, status: int) -> None:
    assert face.ask("POST", "/api/v1/operations", content=body).status_code == status
    assert desk.orders == []


def test_orders_from_other_web_pages_are_refused(face: Any, desk: Desk) -> None:
    origin = {"Origin": "https://evil.example"}
    answer = face.ask("POST", "/api/v1/operations", content=ordered(), headers=origin)
    assert answer.status_code == 403
    assert desk.orders == []


def test_what_is_out_of_use_is_listed(face: Any, desk: Desk) -> None:
    del desk
    face.fleet = replace(
        face.fleet, retired=[Device(id="cube-0", retired_at=NOW, replaced_by="cube-1")]
    )
    assert face.json("/api/v1/retired")["retired"] == [
        {"device": "cube-0", "retired": "2023-11-15T08:00:00Z", "replaced_by": "cube-1"}
    ]
