"""The cafés' Grafana boards, written in Python; `python -m grafana` writes their JSON into `grafana/dashboards/`.

Boards say what is shown and ask the marts only. Knows Grafana's SDK; nothing in `src/` or `cafe/` imports it.
"""
