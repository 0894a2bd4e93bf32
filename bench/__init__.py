"""Measure the speed and size limits that the pipeline promises (bench/README.md)."""
