"""A whole monitor that reads a virtual CSSM and watches a folder of exports."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from monitor.app.service import Service
from monitor.config import Config
from monitor.lab.cssm import CssmServer
from monitor.lab.gnmi_certificates import Authority

DEADLINE = 30.0
SECRET = "-".join(("much", "secret"))


def config(directory: Path, server: CssmServer) -> Config:
    return Config.model_validate(
        {
            "collect": [
                {
                    "kind": "cssm",
                    "url": server.url,
                    "token_url": server.token_url,
                    "client_id": "lab",
                    "client_secret": {"file": str(directory / "secret")},
                    "smart_account": server.smart_account,
                    "virtual_accounts": ["EMEA"],
                    "tls": {"ca": str(directory / "ca.pem")},
                    "spread": 0,
                },
                {"kind": "cssm_files", "directory": str(directory / "in"), "interval": 1},
            ],
            "store": {"directory": str(directory / "data")},
            "http": {"port": 0},
            "devices": [{"name": "cube-1", "virtual_account": "EMEA"}],
        }
    )


def server() -> CssmServer:
    licence = {
        "license": "CUBE_Trunk_Standard_Session",
        "virtualAccount": "EMEA",
        "quantity": 50,
        "inUse": 20,
    }
    device = {
        "hostName": "cube-1",
        "virtualAccount": "EMEA",
        "licenseUsage": [{"license": "CUBE_Trunk_Standard_Session", "quantity": 20}],
    }
    return CssmServer(client_secret=SECRET, licenses=[licence], devices=[device])


def test_accounts_come_from_both(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "apac.csv").write_text(
        "Virtual Account,License,Purchased,In Use\nAPAC,CUBE_T_STD,30,31\n"
    )

    async def play() -> Mapping[str, tuple[int | None, int, tuple[str, ...]]]:
        async with server().serving(authority.issue("cssm"), tmp_path) as cssm:
            service = Service(config(tmp_path, cssm))
            stop = asyncio.Event()
            running = asyncio.create_task(service.run(stop))
            try:
                async with asyncio.timeout(DEADLINE):
                    while len(found := balances(service)) < 2:  # noqa: ASYNC110 - the snapshot has no event
                        await asyncio.sleep(0.05)
            finally:
                stop.set()
                await running
        return found

    assert asyncio.run(play()) == {
        "EMEA": (50, 20, ("cssm",)),
        "APAC": (30, 31, ()),
    }


def balances(service: Service) -> Mapping[str, tuple[int | None, int, tuple[str, ...]]]:
    """Account -> purchased, in use, how that came about; once all of it is known."""
    return {
        balance.account: (balance.purchased, balance.in_use, balance.profiles)
        for state in service.pipeline.snapshot.accounts
        for balance in state.balances
        if balance.profiles or not state.account.smart_account
    }
