"""The true-up report: measured usage over a time beside what CSSM should have received."""
