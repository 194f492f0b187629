"""`python -m dashboards [FOLDER]`: write every dashboard as JSON, as it is committed."""

import json
import sys
from pathlib import Path
from typing import Final

from grafanalib._gen import DashboardEncoder

from dashboards import account, alerts, collection, device, fleet, pair
from dashboards.current import brought_up
from dashboards.panels import Page

PAGES: Final[tuple[Page, ...]] = (
    fleet.PAGE,
    account.PAGE,
    pair.PAGE,
    device.PAGE,
    collection.PAGE,
    alerts.PAGE,
)
FOLDER: Final = Path(__file__).parent / "generated"


def written(page: Page) -> str:
    """The JSON text of a dashboard, ending in a line break."""
    raw = json.loads(json.dumps(page.dashboard(), cls=DashboardEncoder))
    return json.dumps(brought_up(raw), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write all; the names of the files go to stdout."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        path = folder / f"{page.name}.json"
        path.write_text(written(page), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
