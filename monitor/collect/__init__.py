"""Ways in: sources of frames, one module each, all of the Collector shape."""
