"""Measure licence usage with the rules of the device; pure arithmetic on readings."""
