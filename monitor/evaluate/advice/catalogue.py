"""Every check, one line each, in the order of Cisco's task flow."""

from typing import Final

from monitor.evaluate.advice import (
    clock_off,
    debug_left_on,
    host_name_is_pid,
    http_source_interface,
    no_name_server,
    on_prem_too_old,
    periodicity,
    platform_license_missing,
    proxy_half_configured,
    register_or_trust,
    release_stops_calls,
    report_pile_up,
    reservation_with_policy,
    transport_not_smart,
    trust_missing_on_member,
)
from monitor.evaluate.advice.check import Check

CHECKS: Final[tuple[Check, ...]] = (
    release_stops_calls.CHECK,
    host_name_is_pid.CHECK,
    no_name_server.CHECK,
    http_source_interface.CHECK,
    transport_not_smart.CHECK,
    proxy_half_configured.CHECK,
    register_or_trust.CHECK,
    trust_missing_on_member.CHECK,
    periodicity.CHECK,
    reservation_with_policy.CHECK,
    on_prem_too_old.CHECK,
    report_pile_up.CHECK,
    clock_off.CHECK,
    platform_license_missing.CHECK,
    debug_left_on.CHECK,
)
