# The commands of a developer's day; CMake does the building. `make help` lists them.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
# Most tests wait most of their time; those that compare times run alone.
TEST_JOBS ?= $(shell expr 3 '*' $$(nproc))

# Where the programs to run come from: `make run BIN=build/peers/bin` runs the example with the real Supervisor.
BIN ?= build/release/bin

CTEST := ctest --output-on-failure --no-tests=error -j$(TEST_JOBS)
# ctest's machine-readable results, which .ci/run adds up.
RESULTS := $(CURDIR)/build/test-results
SOURCES = git ls-files -z '*.cc' '*.h'

# DENY_SYSCALLS=1 runs the integration tests with pidfds, close_range and clone3 denied, as on an old kernel.
ifeq ($(DENY_SYSCALLS),1)
export UPKEEP_TEST_DENY := 1
endif

.PHONY: build run test unit integration differential simulation simulate soak repeat asan format format-check lint check-all clang tidy \
        fuzz-smoke fuzz reproducible static deb deb-test manual bench peers clean help

build: build/release/build.ninja ## build/release/bin/upkeep and its applets (the default)
	@scripts/install-deps build
	cmake --build build/release -j$(JOBS) --target upkeep

# Tests are switched on by `make test`, so that building and running need no test library.
build/release/build.ninja:
	@scripts/install-deps build
	cmake --preset release -DUPKEEP_TESTS=OFF

run: build ## run examples/quickstart.conf in the foreground
	@mkdir -p build/run/logs
	@BIN=$(BIN) scripts/tour
	@exec $(BIN)/supervisord -n -c examples/quickstart.conf

.PHONY: test-build
test-build:
	@scripts/install-deps build test
	@mkdir -p $(RESULTS)
	cmake --preset release -DUPKEEP_TESTS=ON
	cmake --build build/release -j$(JOBS)

peers:
	@scripts/install-deps test
	@scripts/fetch-peers || echo 'WARNING: tests that compare with other programs cannot run.' >&2

test: test-build peers ## every test, against the release build
	$(CTEST) --test-dir build/release --output-junit $(RESULTS)/test.xml

unit: test-build ## unit tests only
	$(CTEST) --test-dir build/release -L unit

simulation: test-build ## keeper and engine core under a virtual clock
	$(CTEST) --test-dir build/release -L simulation

simulate: MINUTES ?= 20
simulate: ## new seeds of the simulation on all cores (MINUTES=20), see docs/simulation.md
	@scripts/install-deps build test
	cmake --preset release -DUPKEEP_TESTS=ON
	cmake --build build/release -j$(JOBS) --target simulation_tests
	UPKEEP_SIM_SECONDS=$$(expr $(MINUTES) '*' 60) UPKEEP_SIM_THREADS=$$(nproc) \
	  build/release/tests/simulation_tests --gtest_filter=KeeperEngine.HoldsForFreshSeeds

integration: test-build peers ## black-box tests (DENY_SYSCALLS=1: as on an old kernel)
	$(CTEST) --test-dir build/release -L integration --output-junit $(RESULTS)/integration.xml

differential: export UPKEEP_DIFFERENTIAL := full
differential: test-build peers ## compare with the real Supervisor, all scenarios
	$(CTEST) --test-dir build/release -L differential

# Names may be given as make's variables: `make soak MINUTES=60 SEED=7 PROGRAMS=100`. docs/soak.md tells of both.
MINUTES ?= 10
soak: export UPKEEP_BIN := $(CURDIR)/build/release/bin
soak: ## random life on real processes (MINUTES=10, SEED=, PROGRAMS=300)
	@scripts/install-deps build test
	cmake --preset release -DUPKEEP_TESTS=ON
	cmake --build build/release -j$(JOBS) --target upkeep probe
	nice /usr/bin/python3 -B tests/soak/soak.py --minutes $(MINUTES) $(addprefix --seed ,$(SEED)) $(addprefix --programs ,$(PROGRAMS))

ROUNDS ?= 20
repeat: export UPKEEP_SOAK := 1
repeat: test-build peers ## simulation and integration tests over and over, their long versions (ROUNDS=20)
	$(CTEST) --test-dir build/release -L 'simulation|integration' --repeat until-fail:$(ROUNDS)

asan: export UBSAN_OPTIONS := print_stacktrace=1
asan: ## unit and simulation tests under AddressSanitizer and UndefinedBehaviorSanitizer, built with clang
	@scripts/install-deps build test sanitize
	@mkdir -p $(RESULTS)
	cmake --preset asan
	cmake --build build/asan -j$(JOBS) --target gtests
	$(CTEST) --test-dir build/asan -L 'unit|simulation' --output-junit $(RESULTS)/asan.xml

format: ## reformat all sources
	@scripts/install-deps format
	$(SOURCES) | xargs -0 clang-format -i

format-check: ## fail where formatting differs
	@scripts/install-deps format
	$(SOURCES) | xargs -0 clang-format --dry-run -Werror

lint: ## layers, banned calls, dead headers, scripts, texts
	@scripts/install-deps test
	/usr/bin/python3 -B tests/tidy/layers.py
	/usr/bin/python3 -B tests/tidy/lint.py

check-all: format-check lint test asan clang tidy fuzz-smoke reproducible static-test ## everything, before a release
	$(MAKE) integration DENY_SYSCALLS=1
	$(MAKE) differential

clang: ## build with clang and without precompiled headers, warnings are errors
	@scripts/install-deps build test check
	cmake --preset clang
	cmake --build build/clang -j$(JOBS)

tidy: ## clang-tidy with the short list of .clang-tidy
	@scripts/install-deps build test check
	cmake --preset clang
	run-clang-tidy -quiet -p build/clang -j$(JOBS) '$(CURDIR)/src/.*'

FUZZ_SECONDS ?= 30
fuzz-smoke: ## each fuzzer for half a minute (FUZZ_SECONDS=30)
	@scripts/install-deps build sanitize
	cmake --preset fuzz
	cmake --build build/fuzz -j$(JOBS) --target fuzzers
	scripts/fuzz $(FUZZ_SECONDS) build/fuzz/fuzz

fuzz: ## each fuzzer for an hour, before a release
	$(MAKE) fuzz-smoke FUZZ_SECONDS=3600

reproducible: ## build twice in different folders, compare
	@scripts/install-deps build
	scripts/check-reproducible

static: ## a binary that needs no library: build/static/bin/upkeep
	@scripts/install-deps build
	cmake --preset static
	cmake --build build/static -j$(JOBS) --target upkeep

static-test: static ## run it as PID 1 of a root file system that holds nothing else
	@scripts/install-deps test
	UPKEEP_BIN=build/static/bin /usr/bin/python3 -B tests/integration/test_container.py

deb: ## Debian packages: build/deb/upkeep_*.deb and upkeep-compat_*.deb (ARCH=arm64: cross-built)
	@scripts/install-deps build deb
	JOBS=$(JOBS) scripts/make-deb build/deb $(ARCH)

deb-test: ## install, upgrade, remove and purge them in fresh systems (root, network)
	@scripts/install-deps deb-test
	@ls build/deb/upkeep_*.deb >/dev/null 2>&1 || $(MAKE) deb
	lintian --allow-root --fail-on error,warning build/deb/*.deb
	tests/packages/run build/deb build/deb-test || { code=$$?; [ $$code -eq 77 ] || exit $$code; }

manual: build/release/build.ninja ## man pages and HTML: build/manual
	@scripts/install-deps build manual
	cmake --build build/release -j$(JOBS) --target print_keys
	@scripts/manual build/release/bin/print_keys build/manual

# Names may be given as make's variables: `make bench ONLY=start,stop N=200 ROUNDS=1`. A whole run writes docs/benchmarks.md.
bench: ROUNDS = 3
bench: build peers ## beside its peers and the machine's limit (ONLY=start N=500 ROUNDS=3; DINIT=: folder of dinit's binaries)
	@scripts/install-deps bench
	cmake --build build/release -j$(JOBS) --target bench-stamp bench-floor bench-writer bench-listener
	/usr/bin/python3 -B bench/run.py $(if $(ONLY),--only $(ONLY),--write docs) $(addprefix -n ,$(N)) $(addprefix --rounds ,$(ROUNDS))

clean: ## remove everything built, fetched peers included
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
