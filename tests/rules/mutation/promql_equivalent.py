"""Changes to the rules for Prometheus that no scenario notices, each with the reason."""

from collections.abc import Mapping
from typing import Final

PROMQL_EQUIVALENT: Final[Mapping[str, str]] = {}
