"""The cafés' Grafana boards, written in Python. `python -m grafana` writes their JSON to `grafana/dashboards/`.

Queries read marts only. Knows Grafana's SDK; imports nothing of `src/` or `cafe/`, and neither imports it.
"""
