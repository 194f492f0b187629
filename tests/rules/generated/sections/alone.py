"""What one router alone would tell: its cycle by one row, its services, its sources."""

from tests.rules.generated.sections.cycle import failing, rows, speaker
from tests.rules.generated.sections.router import Router
from tests.rules.generated.sections.rows import CRITICAL, WARNING, Row
from tests.rules.generated.sections.servers import peer_of, shared_peers
from tests.rules.generated.sections.sources import shown, stale


def down(router: Router) -> bool:
    """SIP service down."""
    return router.fact("sip") in ("Down", "Shutdown")


def own_rows(router: Router) -> list[Row]:
    """What this router alone would tell."""
    found: list[Row] = []
    if down(router):
        found.append(Row(CRITICAL, "sip_service_down", "down"))
    else:
        shared = peer_of(router) in shared_peers(router.story, router.now) and failing(router)
        cycle = [
            row
            for row in rows(router)
            if not (shared and row.rule == "communication_failed" and row.severity == WARNING)
        ]
        spoken = speaker(router, cycle)
        found += [spoken] if spoken else []
    if router.fact("out") is True:
        found.append(Row(WARNING, "out_of_compliance", "reported"))
    expires = router.fact("registration_expires")
    if router.before_policy and isinstance(expires, int) and router.clock(exact=True) > expires:
        found.append(Row(CRITICAL, "registration_expired", "past_due"))
    return [*found, *stale(router), *shown(router)]
