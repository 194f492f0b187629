"""Build every part, start them together, stop them together: the composition root."""

from monitor.app.build import Parts, build
from monitor.app.service import Service, run

__all__ = ["Parts", "Service", "build", "run"]
