"""Which paths a device can answer, by its models, or by its release and platform."""

import pytest

from monitor.domain.yang import (
    DEFAULTS,
    LICENSE,
    VOICE,
    About,
    Purpose,
    expected,
    family,
    modelled,
    path_of,
)

LICENCES = {Purpose.USAGE, Purpose.AUTHORIZATION, Purpose.TRANSPORT}
WITH_TRUST = LICENCES | {Purpose.TRUST}
WITH_ACK = WITH_TRUST | {Purpose.ACK, Purpose.POLICY}


@pytest.mark.parametrize(
    ("revision", "purposes"),
    [
        ("2017-10-11", LICENCES),
        ("2019-07-01", LICENCES),
        ("2020-11-01", WITH_TRUST),
        ("2021-03-01", WITH_ACK),
        ("2030-01-01", WITH_ACK),
        ("", WITH_ACK),
        ("1.2.3", WITH_ACK),
    ],
)
def test_the_revision_of_the_licence_module_decides(revision: str, purposes: set[Purpose]) -> None:
    paths = modelled(DEFAULTS, {LICENSE: revision})
    assert {path.purpose for path in paths} == purposes


@pytest.mark.parametrize(
    ("release", "purposes"),
    [
        ("17.3.2", LICENCES),
        ("17.4.1", WITH_TRUST),
        ("17.5.1", WITH_ACK),
        ("17.15.1a", WITH_ACK),
        (None, WITH_ACK),
    ],
)
def test_without_models_the_release_decides(release: str | None, purposes: set[Purpose]) -> None:
    paths = expected(DEFAULTS, About(release=release))
    assert {path.purpose for path in paths if path.module == LICENSE} == purposes


@pytest.mark.parametrize(
    ("platform", "release", "calls", "ha"),
    [
        ("ASR1001-X", "17.9.4a", False, True),
        ("ASR1001-X", "17.12.1", False, False),
        ("C8500-12X", "17.15.1", False, False),
        ("C8000V", "17.12.1a", False, False),
        ("C8000V", "17.15.1", True, False),
        ("CSR1000V", "17.3.2", False, False),
        ("C8300-2N2S-6T", "17.6.1", True, False),
        ("ISR4431/K9", "17.3.2", True, False),
        ("C1111-8P", "17.9.4a", True, False),
        ("Something New", "17.9.4a", True, True),
        (None, "17.9.4a", True, True),
    ],
)
def test_platforms_differ(platform: str | None, release: str, calls: bool, ha: bool) -> None:
    paths = expected(DEFAULTS, About(release=release, platform=platform))
    purposes = {path.purpose for path in paths}
    assert (Purpose.CALLS in purposes, Purpose.HA in purposes) == (calls, ha)


def test_families_and_paths_by_name() -> None:
    assert family("cisco C8500L-8S4X") == "c8500"
    assert path_of("calls").module == VOICE
    assert path_of(f"/{VOICE}:voice-oper-data/active-voip-call-summary/sip-call-legs") == path_of(
        "calls"
    )
    with pytest.raises(ValueError, match="one of: ack"):
        path_of("nonsense")
