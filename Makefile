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
ARCH    ?=
export BOARD SILENT TESTS JOBS ROUNDS DESTDIR GUEST_SECONDS

ifeq ($(JOBS),)
unexport JOBS
endif

.PHONY: help all build demo test test-guest cross bench lint format install clean
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
	@echo 'make bench    the figures of docs/performance.md as ratios (ROUNDS=n: more rounds)'
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
	@python3 -B tests/bench/bench.py --build build/release $(if $(ROUNDS),--rounds $(ROUNDS))

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
