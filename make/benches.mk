# Benches compare figures with their limits (bench/README.md), and exit with 1 if a limit is missed.

##@ Benches

# Further options: BENCH=--json
BENCH ?=

.PHONY: bench
bench: build ## measure speed, statements, pipeline, packages and starts against their limits (10 minutes)
	python -m bench stages dialects statements pipeline packages starts $(BENCH)

.PHONY: bench-memory
bench-memory: install ## measure each stage's memory on 5,000,000 rows, sorted and shuffled (5 minutes)
	python -m bench memory $(BENCH)

.PHONY: bench-marts
bench-marts: install ## measure every mart on 5,000,000 orders (4 minutes)
	python -m bench marts $(BENCH)

.PHONY: bench-growth
bench-growth: install ## compare a load into 10,000,000 orders with one into 100,000 (5 minutes)
	python -m bench growth $(BENCH)

.PHONY: bench-drain
bench-drain: install ## drop 10,000 files of 300 rows at once on a separate local stack (5 minutes)
	python -m bench drain $(BENCH)

.PHONY: bench-history
bench-history: install ## run extract and transform on five years of a café and of the chain (3 minutes)
	python -m bench history $(BENCH)

.PHONY: bench-boards
bench-boards: install ## measure every query of the Grafana boards on 5,000,000 orders (5 minutes)
	python -m bench boards $(BENCH)

.PHONY: bench-results
bench-results: install ## measure cafe sql on a result of 1,760,000 rows (4 minutes)
	python -m bench results $(BENCH)

.PHONY: bench-preview
bench-preview: preview ## measure the preview's size and how soon Chromium has drawn it (4 minutes)
	python -m bench preview $(BENCH)

# Not a limit: it says how the pipeline does beside pandas, polars, duckdb and dlt (docs/performance.md).
.PHONY: bench-peers
bench-peers: peers-install ## measure the pipeline beside csv.DictReader, pandas, polars, duckdb and dlt
	python -m bench.peers $(BENCH)

.PHONY: charts-peers
charts-peers: peers-install ## draw the charts of docs/performance.md again, from bench/peers/results.json
	.venv-peers/bin/python -m bench.peers.charts bench/peers/results.json docs/images

.PHONY: test-peers
test-peers: peers-install ## check on a tiny size that every peer writes the same sales as the pipeline (10 seconds)
	PEERS_TESTS=required pytest -q tests/unit/test_peers.py
