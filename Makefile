# Two commands for everyone: `make demo` (the scheduler, on any machine) and `make test`.

PYTHON ?= python3
VENV := .venv
BENCH ?= $(or $(OUDERAVOND_BENCH),$(HOME)/frappe-bench)
STUDENTS ?= 1300
SECONDS_TO_SOLVE ?= 30
SIZES ?= S,M,L
SEEDS ?= 5
SCHEDULER := $(VENV)/bin/python -m ouderavond.scheduler

export OUDERAVOND_BENCH := $(BENCH)

.PHONY: help demo test benchmark lint platform clean
.DEFAULT_GOAL := help

help:
	@echo "make demo      schedule an invented school of $(STUDENTS) students; needs Python 3.10 or newer only"
	@echo "make test      every test that can run on this machine"
	@echo "make benchmark the scheduler beside its peers, on schools of SIZES=$(SIZES), SEEDS=$(SEEDS) of each"
	@echo "make lint      the style of Python and scripts"
	@echo "make platform  a new bench with a site, ERPNext, Education and this app, in ./bench"
	@echo "make clean     remove what these commands made here"

$(VENV)/engine: pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10))" || \
		{ echo "Python 3.10 or newer is needed; $(PYTHON) is `$(PYTHON) --version`."; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the scheduler needs …"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/tests: $(VENV)/engine
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@

$(VENV)/lint: $(VENV)/engine .pre-commit-config.yaml
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check \
		"ruff==`sed -n '/ruff-pre-commit/{n;s/.*v//p;}' .pre-commit-config.yaml`"
	@touch $@

demo: $(VENV)/engine
	@mkdir -p demo
	@echo "An invented school of $(STUDENTS) students …"
	@$(SCHEDULER) demo --students $(STUDENTS) --seed 1 --output demo/problem.json
	@$(SCHEDULER) solve demo/problem.json --output demo/schedule.json \
		--time-limit $(SECONDS_TO_SOLVE) --seed 1 --progress
	@$(SCHEDULER) check demo/problem.json demo/schedule.json
	@$(SCHEDULER) report demo/problem.json demo/schedule.json --output demo/schedule.html
	@echo "Open demo/schedule.html in a browser."

# Where there is a bench, the platform's tests run with its interpreter: beside the others, which mostly wait for
# a browser, and each on a site of its own.
TEST_SITE := $(or $(OUDERAVOND_TEST_SITE),ouderavond-test.localhost)
# Of the platform's tests those of booking and meetings are in the other row, so that both take about as long.
BOOKING_TESTS := $(wildcard $(addprefix tests/platform/test_,\
	booking*.py busy.py holds.py meetings*.py separate.py waiting*.py))
.PHONY: test-platform test-others
test-platform:
	OUDERAVOND_TEST_SITE=$(TEST_SITE) $(BENCH)/env/bin/python -m pytest \
		$(filter-out $(BOOKING_TESTS),$(wildcard tests/platform/test_*.py)) -p no:warnings
test-others:
	@status=0; \
	$(VENV)/bin/python -m pytest tests/scheduler tests/benchmarks tests/offering tests/meetings || status=1; \
	OUDERAVOND_TEST_SITE=browser-$(TEST_SITE) $(BENCH)/env/bin/python -m pytest tests/browser -p no:warnings \
		|| status=1; \
	OUDERAVOND_TEST_SITE=browser-$(TEST_SITE) $(BENCH)/env/bin/python -m pytest $(BOOKING_TESTS) -p no:warnings \
		|| status=1; \
	exit $$status

ifneq ($(wildcard $(BENCH)/env/bin/python),)
test: $(VENV)/tests
	@$(VENV)/bin/python -m tests.harness.bench prepare
	@echo "Two rows of tests run beside each other, for ten minutes or more; each shows its result when it is done."
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target test-platform test-others
else
test: $(VENV)/tests
	$(VENV)/bin/python -m pytest tests
endif

# Hours for all of it: SIZES, SEEDS choose a part; an interrupted comparison goes on where it stopped.
benchmark: $(VENV)/engine
	$(VENV)/bin/python -m benchmarks.compare --sizes $(SIZES) --seeds $(SEEDS) --output benchmarks/results.jsonl --resume

lint: $(VENV)/lint
	@status=0; \
	$(VENV)/bin/ruff check . || status=1; \
	$(VENV)/bin/ruff format --check ouderavond tests benchmarks || status=1; \
	bash scripts/lint-scripts.sh || status=1; \
	exit $$status

platform:
	bash scripts/platform.sh

clean:
	rm -rf $(VENV) demo node_modules
