"""The account's side of the virtual fleet: a CSSM that lists what was purchased."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.lab.cssm import CssmServer
from monitor.lab.cube import Cube
from monitor.lab.fleet import PURCHASED, SMART_ACCOUNT
from monitor.lab.gnmi_certificates import Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class CssmLab:
    """A CSSM that runs, and what a monitor is told of it."""

    server: CssmServer
    authority_file: Path
    secret_file: Path

    def collectors(self) -> list[dict[str, object]]:
        """What is said of it under `collect`."""
        return [
            {
                "kind": "cssm",
                "url": self.server.url,
                "token_url": self.server.token_url,
                "client_id": self.server.client_id,
                "client_secret": {"file": str(self.secret_file)},
                "smart_account": self.server.smart_account,
                "virtual_accounts": list(PURCHASED),
                "questions": ["licenses"],
                "tls": {"ca": str(self.authority_file)},
                "spread": 1.0,
            }
        ]

    def device(self, cube: Cube) -> dict[str, object]:
        """Nothing: no router is heard by it."""
        del cube
        return {}


@asynccontextmanager
async def cssm_lab(directory: Path, secret: str, secret_file: Path) -> AsyncIterator[CssmLab]:
    """A CSSM over TLS; `secret_file` is where the monitor will find the secret."""
    authority = Authority("Lab CSSM Authority")
    authority_file = directory / "cssm-ca.pem"
    authority_file.write_bytes(authority.certificate)
    server = CssmServer(
        smart_account=SMART_ACCOUNT, client_secret=secret, licenses=list(_licences())
    )
    async with server.serving(authority.issue("cssm.example"), directory):
        yield CssmLab(server=server, authority_file=authority_file, secret_file=secret_file)


def _licences() -> Iterator[Mapping[str, Any]]:
    """What was purchased; in use is left to the routers' own reports."""
    for account, tags in PURCHASED.items():
        for tag, count in tags.items():
            yield _licence(account, tag, count)
        yield _licence(account, "CUBE v14 Voice Gateway Session", 0)
        yield _licence(account, "Example Platform Licence", 12)


def _licence(account: str, name: str, count: int) -> Mapping[str, Any]:
    return {
        "license": name,
        "virtualAccount": account,
        "quantity": count,
        "status": "In Compliance",
        "billingType": "PREPAID",
    }
