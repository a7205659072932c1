# SPDX-License-Identifier: MIT
# Thin: every target is a script in .ci/ or a program of tests/. `make help` tells what there is.

BOARD   ?= qnap-ts433
SILENT  ?=
PRESETS ?= release asan
TESTS   ?=
JOBS    ?=
ROUNDS  ?=
PREFIX  ?= /usr/local
DESTDIR ?=
GUESTS  ?=
GUEST_SECONDS ?= 20
SEED    ?=
ONLY    ?=
MINUTES ?= 30
ARCH    ?=
PEER    ?=
RECORD  ?=
FUZZ    ?=
FUZZ_SECONDS ?= 60
EDIT    ?=
export BOARD SILENT TESTS JOBS ROUNDS DESTDIR GUEST_SECONDS FUZZ FUZZ_SECONDS

ifeq ($(JOBS),)
unexport JOBS
endif

.PHONY: help all build demo test test-guest cross bench torture soak fuzz tsan valgrind
.PHONY: coverage mutation release-check lint format install clean
.NOTPARALLEL:

help:
	@echo 'make demo     see it work: real daemons, a private D-Bus, a simulated box (under a minute)'
	@echo '                BOARD=dlink-dns327l   another board (now: $(BOARD))'
	@echo '                SILENT=1              a dead MCU; the demo must then fail'
	@echo 'make test     build and test: $(PRESETS)'
	@echo '                PRESETS=debug         other builds (CMakePresets.json)'
	@echo '                TESTS=link/           only tests whose name matches'
	@echo 'make build    only build (release)'
	@echo 'make test-guest  the same programs on real kernels, in QEMU (root)'
	@echo '                GUESTS=qnap-ts433     these alone'
	@echo '                GUEST_SECONDS=600     traffic for so long (now: $(GUEST_SECONDS))'
	@echo 'make cross    packages for other processors, and the unit tests under qemu-user (root)'
	@echo '                ARCH=armel            or armhf, arm64, mips (all without)'
	@echo 'make bench    the figures of docs/performance.md, against references beside them'
	@echo '                ROUNDS=n              more rounds (5); ONLY=wire,start: some parts alone'
	@echo '                PEER=FILE             an old dns320l-daemon in the same run'
	@echo '                RECORD=1              write the table there and in tests/bench/table.json'
	@echo 'make torture  random faults against all of it, and an observer (ROUNDS=n, default 50)'
	@echo '                SEED=s                the same rounds again; ONLY=n: one of them'
	@echo 'make soak     72 hours of virtual and $(MINUTES) minutes of real time (MINUTES=n)'
	@echo 'make fuzz     the fuzz targets of tests/fuzz, a minute each'
	@echo '                FUZZ=link FUZZ_SECONDS=600   one of them, for longer'
	@echo 'make tsan     what has threads, with the thread sanitizer'
	@echo 'make valgrind the unit tests under memcheck'
	@echo 'make coverage lines and branches that the tests run; fails below its limits'
	@echo 'make mutation wrong edits, one by one: would the tests notice?'
	@echo '                EDIT=wt-bay-off-by-one       this alone'
	@echo 'make release-check  all of these and .ci/run full: hours'
	@echo 'make lint     what .ci/lint checks: format, layers, scripts, man pages, clang-tidy'
	@echo 'make format   clang-format all sources'
	@echo 'make install  PREFIX=$(PREFIX) DESTDIR='
	@echo 'make clean    remove build/'
	@echo 'Missing Debian packages are installed by name (root or sudo). JOBS=n limits parallel jobs.'

all: build

build:
	@.ci/need build test
	@.ci/build release

demo:
	@.ci/need build test
	@.ci/build release mcusim mcud nas-fand nas-alertd nas-buttond nas-watchdogd mcuctl fake-root
	@python3 -B tests/e2e/demo.py --build build/release --board '$(BOARD)' $(if $(SILENT),--silent)

test:
	@.ci/need build test
	@.ci/test $(PRESETS)

test-guest:
	@.ci/guest $(GUESTS)

cross:
	@cross/build $(ARCH)

bench:
	@.ci/need build test bench
	@NASMCU_CMAKE=-DNASMCU_BENCH=ON .ci/build release
	@python3 -B tests/bench/bench.py --build build/release \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(PEER),--peer '$(PEER)') $(if $(RECORD),--record)

torture:
	@.ci/need build test
	@.ci/build release mcusim mcud nas-fand nas-alertd nas-buttond nas-watchdogd mcuctl fake-root \
	  clock-jump
	@python3 -B tests/torture/torture.py --build build/release --verbose \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

soak:
	@.ci/need build test
	@.ci/build release mcusim mcud nas-fand nas-alertd nas-buttond nas-watchdogd mcuctl fake-root \
	  test-alertd
	@python3 -B tests/torture/soak.py --build build/release --minutes $(MINUTES)

fuzz:
	@.ci/full.d/fuzz

tsan:
	@.ci/tsan

valgrind:
	@.ci/valgrind

coverage:
	@.ci/coverage

mutation:
	@.ci/need build test
	@.ci/build release
	@python3 -B tests/mutation/run $(if $(EDIT),--only $(EDIT))

release-check:
	@.ci/release-check

lint:
	@.ci/need build test lint
	@.ci/lint

format:
	@.ci/need lint
	@.ci/lint --format

# Units and programs know where they are installed.
install: export NASMCU_CMAKE = -DCMAKE_INSTALL_PREFIX=$(PREFIX)
install: build
	@cmake --install build/release

clean:
	rm -rf build
