"""The rules as files for Prometheus: recorded conditions and findings, and alerts on them."""
