"""Frames in, typed values out; no I/O, no clock, no state."""
