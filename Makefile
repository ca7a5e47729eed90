# flagserver: `make` alone lists what there is.

PREFIX ?= /usr/local
SEEDS ?= 1000000
SWIFT ?= swift
# One program that needs no library on the machine that runs it: see Package.swift.
RELEASE = -c release --static-swift-stdlib --product flagserver
PROGRAM = .build/release/flagserver
VENV = .build/venv
APT = $(if $(filter 0,$(shell id -u)),,sudo )env DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: help setup build run test witness day conformance bench torture \
    sanitize soak mutate strace fuzz fixtures docs format lint install uninstall clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo "  variables: PREFIX=$(PREFIX)  ARGS='--delay 0.5'  (run)  ARGS='--only 1,2 --rounds 3'  (bench)"

setup:  ## install libevent-dev and libyaml-dev if they are missing
	@missing=; \
	test -e /usr/include/event2/event.h || missing="$$missing libevent-dev"; \
	test -e /usr/include/yaml.h || missing="$$missing libyaml-dev"; \
	test -z "$$missing" || { echo "installing what is missing:$$missing"; \
	    $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $$missing; }

build: setup  ## build the release program, and flagget, a link to it
	$(SWIFT) build $(RELEASE)
	ln -sf flagserver $(dir $(PROGRAM))flagget

run: build  ## build and start the servers (ARGS='--delay 1')
	$(PROGRAM) $(ARGS)

test: setup $(VENV)/ready  ## build and run all tests
	$(SWIFT) build --build-tests
	FLAGSERVER_TEST_PYTHON=$(CURDIR)/$(VENV)/bin/python $(SWIFT) test --skip-build

witness: setup  ## hold random sessions against what was on the wire (SEEDS=1000000)
	$(SWIFT) build --build-tests
	WITNESS_SEEDS=$(SEEDS) $(SWIFT) test --skip-build --filter WitnessTests

day: SEEDS = 100
day: setup  ## live through simulated days of a whole town (SEEDS=100)
	$(SWIFT) build --build-tests
	DAY_SEEDS=$(SEEDS) $(SWIFT) test --skip-build --filter DayTests

# The real clients: from Debian and from PyPI. What cannot be had is skipped by name in the tests
# that need it. Servers among the packages must not start on the machine (policy-rc.d), and Debian's
# recommendations are not wanted.
CLIENTS = curl:curl wget:wget python3:python3 redis-server:redis-server redis-cli:redis-tools \
    memcached:memcached memccat:libmemcached-tools swaks:swaks promtool:prometheus \
    psql:postgresql-client pg_lsclusters:postgresql chromium:chromium \
    chromedriver:chromium-driver telnet:inetutils-telnet nc:netcat-openbsd dig:bind9-dnsutils
PYPI = requests httpx aiohttp pytest pytest-xdist toxiproxy-python redis PyMySQL aiosmtpd \
    chaostoolkit-toxiproxy psycopg[binary] selenium dnspython aiodns
# Only the rules of axe-core in it are wanted, not the browsers that it can drive.
AXE = axe-playwright-python
POLICY = /usr/sbin/policy-rc.d

# The packages of those pairs in $(1) whose program (or file) is not there, and those in $(2).
install_missing = missing="$(2)"; for pair in $(1); do \
	    command -v $${pair%%:*} >/dev/null || test -e $${pair%%:*} \
	        || missing="$$missing $${pair\#*:}"; done; \
	test -z "$$missing" || { echo "installing what is missing: $$missing"; \
	    sudo=; test "$$(id -u)" = 0 || sudo=sudo; \
	    test -e $(POLICY) || { trap "$$sudo rm -f $(POLICY)" EXIT; \
	        printf '\#!/bin/sh\nexit 101\n' | $$sudo install -m 755 /dev/stdin $(POLICY); }; \
	    $(APT) update -qq; \
	    for package in $$missing ca-certificates; do \
	        $(APT) install -y -qq --no-install-recommends $$package; done; } || true

$(VENV)/ready:
	@$(call install_missing,$(CLIENTS),$(shell \
	    python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv))
	@mkdir -p .build
	python3 -m venv $(VENV) || true
	@for package in $(PYPI); do \
	    $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check "$$package" \
	        || echo "$$package cannot be installed: its tests will be skipped"; done
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(AXE) \
	    || echo "$(AXE) cannot be installed: its tests will be skipped"
	@mkdir -p $(VENV) && touch $@

conformance: build $(VENV)/ready  ## run the clients that are here against every fault (docs/conformance.md)
	PROGRAM=$(PROGRAM) PYTHON=$(CURDIR)/$(VENV)/bin/python Tests/Conformance/run

# What `bench` compares with; Toxiproxy it takes where it is, Debian does not have it.
PEERS = /usr/sbin/nginx:nginx-light /usr/sbin/haproxy:haproxy h2o:h2o curl:curl wget2:wget2 aria2c:aria2 \
    nsd:nsd dnsperf:dnsperf strip:binutils /usr/lib/nginx/modules/ngx_stream_module.so:libnginx-mod-stream

bench: build $(VENV)/ready  ## compare with nginx, h2o, HAProxy, raw epoll, downloaders (docs/figures.md; ARGS=--quick)
	@$(call install_missing,$(PEERS))
	Tests/Benchmarks/bench --svg .build/bench.svg $(ARGS)

strace:
	@command -v strace >/dev/null || { $(APT) update -qq; \
	    $(APT) install -y -qq --no-install-recommends strace; }

torture: setup strace  ## make each system call fail, once and for good (MOST=5, SAMPLE=40, ONLY=serving:accept4)
	$(SWIFT) build --product flagserver
	Tests/Torture/torture $(if $(MOST),--most $(MOST)) $(if $(ONLY),--only $(ONLY)) \
	    $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(ARGS)

sanitize: setup  ## mixed traffic under the address and the thread sanitizer (SECONDS=600 each)
	SWIFT="$(SWIFT)" Tests/Sanitize/sanitize --seconds $(or $(SECONDS),600) $(ARGS)

soak: build  ## mixed traffic for long, with memory and descriptors as a picture (SECONDS=600)
	Tests/Soak/soak --program $(PROGRAM) --seconds $(or $(SECONDS),600) --svg .build/soak.svg $(ARGS)

mutate: setup $(VENV)/ready  ## change the source in N=20 small ways, and count what the tests notice (SEED=1)
	SWIFT="$(SWIFT)" Tests/Mutate/mutate --number $(or $(N),20) --seed $(or $(SEED),1) $(ARGS)

fuzz: setup  ## feed made up bytes to all that reads any (SECONDS=60 each, ONLY=json)
	SWIFT="$(SWIFT)" Tests/Fuzz/fuzz $(if $(SECONDS),--seconds $(SECONDS)) \
	    $(if $(ONLY),--only $(ONLY)) $(ARGS)

fixtures:  ## render the flags again from fixtures/svg (needs rsvg-convert, ImageMagick, gifsicle)
	fixtures/render

docs: setup  ## write anew what docs/ has from the program: faults and options
	$(SWIFT) build --build-tests
	WRITE_DOCS=1 $(SWIFT) test --skip-build --filter DocumentationTests

format:  ## format the source as .swift-format says
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

lint:  ## say where the source is not formatted so
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

# Where man and the shells look below PREFIX.
PLACE = $(DESTDIR)$(PREFIX)
MANUAL = $(PLACE)/share/man/man1/flagserver.1
BASH = $(PLACE)/share/bash-completion/completions/flagserver
ZSH = $(PLACE)/share/zsh/site-functions/_flagserver
FISH = $(PLACE)/share/fish/vendor_completions.d/flagserver.fish

install: build  ## put the program (and flagget, a link to it), its manual and completions below PREFIX
	install -d "$(PLACE)/bin"
	install -s -m 755 $(PROGRAM) "$(PLACE)/bin/flagserver"
	ln -sf flagserver "$(PLACE)/bin/flagget"
	install -D -m 644 /dev/null "$(MANUAL)" && $(PROGRAM) manual > "$(MANUAL)"
	install -D -m 644 /dev/null "$(BASH)" && $(PROGRAM) completions bash > "$(BASH)"
	install -D -m 644 /dev/null "$(ZSH)" && $(PROGRAM) completions zsh > "$(ZSH)"
	install -D -m 644 /dev/null "$(FISH)" && $(PROGRAM) completions fish > "$(FISH)"

uninstall:  ## take all of it away again, and the flags that earlier versions put beside it
	rm -f "$(PLACE)/bin/flagserver" "$(PLACE)/bin/flagget" "$(MANUAL)" "$(BASH)" "$(ZSH)" "$(FISH)"
	rm -rf "$(PLACE)/share/flagserver"

clean:  ## remove everything that was built
	rm -rf .build
