# Proofs take longer than a test. Each prints what it ran and what it found, and exits with 1 if anything is wrong.
# docs/reliability.md says what each proves. SCHEDULES has a default for each target: they differ in speed.

##@ Proofs

PROVE = PYTHONPATH=src:tests:. python -W ignore -m
SEED ?= 1
CUTS ?= 1000
FILES ?= 100000
KILLS ?= 200
# A tag, a branch or a commit. By default, the newest commit whose messages have the version before this one's.
FROM ?=
# Further options of the simulator: SIMULATE=--json
SIMULATE ?=

.PHONY: test-deep
test-deep: install ## try 20 times as many examples of each property as make test (10 minutes)
	$(BYTECODE) pytest -n 2 -m hypothesis --hypothesis-profile deep

.PHONY: simulate
simulate: install ## run the real stages under many schedules of faults: SCHEDULES=10000 SEED=1 SIMULATE=--json
	PYTHONPATH=src:tests python -m simulation run --schedules $(or $(SCHEDULES),10000) --seed $(SEED) $(SIMULATE)

.PHONY: simulate-replay
simulate-replay: install ## run some of these schedules with the real SQL on PostgreSQL: SCHEDULES=2000 (10 minutes)
	PYTHONPATH=src:tests:. python -m simulation replay --schedules $(or $(SCHEDULES),2000) --seed $(SEED) $(SIMULATE)

.PHONY: races
races: install ## load with many loaders that die at any statement, on PostgreSQL: SCHEDULES=2000 SEED=1 (10 minutes)
	$(PROVE) contention races --schedules $(or $(SCHEDULES),2000) --seed $(SEED)

.PHONY: cables
cables: install ## cut, reset and half-open the connection to the warehouse: CUTS=1000 SEED=1 (10 minutes)
	$(PROVE) contention cables --cuts $(CUTS) --seed $(SEED)

.PHONY: fuzz
fuzz: install ## check what must hold for any file on mutated branch files: FILES=100000 SEED=1 (10 minutes)
	$(PROVE) hostile.fuzz --files $(FILES) --seed $(SEED)

.PHONY: canaries
canaries: install ## search all that a local stack writes for planted personal data, in 19 encodings (3 minutes)
	CANARIES=all pytest -n 0 tests/e2e/test_privacy.py tests/hostile/test_corpus.py

.PHONY: sabotage
sabotage: install ## make mistakes in a copy, one at a time; each must fail a test (9 minutes)
	$(PROVE) sabotage

.PHONY: kills
kills: install ## kill workers of the deployed local stack while files flow: KILLS=200 SEED=1 (6 minutes)
	$(PROVE) ordeal kills --kills $(KILLS) --seed $(SEED)

.PHONY: night
night: install ## load 10,000 files on the local stack, 10 % announced twice, 2 % of workers killed (20 minutes)
	$(PROVE) ordeal night --seed $(SEED)

.PHONY: lost
lost: install ## lose 5 % of all events and purge a queue; cafe reconcile must recover every file (2 minutes)
	$(PROVE) ordeal reconcile --seed $(SEED)

.PHONY: permissions
permissions: install ## remove every grant that the local stack can use, one at a time; each must be missed: ONLY=TEXT (30 minutes)
	$(PROVE) ordeal permissions $(if $(ONLY),--only $(ONLY))

.PHONY: upgrade
upgrade: install ## deploy this release over the previous one, whose messages fill the queues: FROM=v1.0.0 (5 minutes)
	$(PROVE) upgrade $(if $(FROM),--from "$(FROM)")
