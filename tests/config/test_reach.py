"""Devices that name a way for which there is no collector, or no credential."""

import pytest
from pydantic import ValidationError

from monitor.config import Config

LOGIN = {"user": "monitor", "password": {"env": "PASSWORD"}}


@pytest.mark.parametrize("word", ["gnmi", "restconf"])
def test_a_way_needs_its_collector_and_its_credential(word: str) -> None:
    devices = [{"name": "cube-1", word: {"host": "192.0.2.1", "credential": "noc"}}]
    with pytest.raises(ValidationError, match=f"add `- kind: {word}`"):
        Config.model_validate({"devices": devices})
    with pytest.raises(ValidationError, match="credential named 'noc'"):
        Config.model_validate({"collect": [{"kind": word}], "devices": devices})
    collect = [{"kind": word, "credentials": {"noc": LOGIN}}]
    assert Config.model_validate({"collect": collect, "devices": devices}).devices
