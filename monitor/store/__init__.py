"""Where readings, events, facts and measurements are kept."""
