"""Scenarios: a timeline played through the ordinary pipeline with a fake clock."""

from monitor.play.play import play
from monitor.play.scenario import Scenario, load

__all__ = ["Scenario", "load", "play"]
