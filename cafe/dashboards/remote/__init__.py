"""Check a running Grafana over its HTTP API: its versions, its data sources, its boards and every query."""
