"""Show the committed boards without a Grafana: fill in their queries, shape the answers, draw the page.

Tests and the benchmark use the same answers. They follow the source code of Grafana's plugins and were never compared
with a running Grafana.
"""
