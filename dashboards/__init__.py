"""Grafana dashboards, one file each; `python -m dashboards` writes their JSON to generated/."""
