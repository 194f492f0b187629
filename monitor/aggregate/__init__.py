"""Readings become minute values, hour values and measurements; pure arithmetic, no I/O."""
