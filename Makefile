# Everything a developer does, by name: `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# A build must not depend on git being there or trusting this folder.
export GOFLAGS := $(strip $(GOFLAGS) -buildvcs=false)

PACKAGES ?= ./...
PART ?= 1/1
FUZZTIME ?= 30s
BENCH ?= .
BENCHFLAGS ?=

GO_FILES = $(shell find . -name '*.go' -not -path './var/*' -not -path './out/*')
# The packages where goroutines are started, in the program or in its tests.
GOROUTINE = (^|[^a-zA-Z])go (func|[a-zA-Z.]+)\(|\.Go\(
RACED = $(shell grep -lE '$(GOROUTINE)' $(GO_FILES) | xargs -rn1 dirname | sort -u)

.PHONY: help demo test mutants race lint fuzz bench bench-long microbench load torture run build clean postgresql

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: postgresql build ## the tour: every sandbox card, a crash and its recovery (KEEP=1: stay up afterwards)
	@exec bin/demo $(if $(KEEP),--keep)

run: postgresql build ## the switch with sample data and a private PostgreSQL (and, in another shell: bin/shetab-simulator)
	@exec bin/treasury-switch serve --dev

build: ## build the commands into bin/
	go build -o bin/ ./cmd/... ./loadtest/...

test: postgresql ## all tests (PACKAGES=./ledger/... for some), against a real PostgreSQL
	go test -count=1 -timeout 15m $(PACKAGES)

mutants: postgresql ## breaks the program on purpose, one break after the other, and sees a test notice each (PART=2/10 for some)
	go test -count=1 -v -timeout 60m ./internal/mutants -run TestMutants -plant -part $(PART)

race: postgresql ## the tests of packages with goroutines, under the race detector
	go test -race -count=1 -timeout 20m $(RACED)

lint: ## gofmt, go vet, staticcheck, go.mod, and govulncheck where GOVULNDB names a database
	@unformatted=$$(gofmt -l $(GO_FILES)); \
	if [ -n "$$unformatted" ]; then echo "gofmt these files:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	@.ci/modules
	@.ci/vulnerabilities

fuzz: ## every fuzz target for FUZZTIME (30s)
	@grep -oE '^func Fuzz[A-Za-z0-9_]*' -r --include='*_test.go' . | sort | while IFS=: read -r file line; do \
	  echo "== $${line#func } in $$(dirname "$$file")"; \
	  go test -run '^$$' -fuzz "^$${line#func }$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
	done

bench: postgresql build ## the product beside pgbench and raw COPY, in half an hour (BENCHFLAGS=--quick: in two minutes)
	@exec bin/bench $(BENCHFLAGS)

bench-long: postgresql build ## a history of ten million payments, ten minutes of heap, overload (BENCHFLAGS=--history=1000000)
	@exec bin/bench --long $(BENCHFLAGS)

microbench: postgresql ## the benchmarks of Go's packages (BENCH=Record for some)
	go test -run '^$$' -bench '$(BENCH)' -benchmem $(PACKAGES)

load: postgresql build ## the load test with everything it needs (RATE=2000, DURATION=60s, LOAD="--find-max")
	@exec bin/loadtest $(if $(RATE),--rate $(RATE)) $(if $(DURATION),--duration $(DURATION)) $(LOAD)

torture: postgresql build ## three nodes under every fault we know, in two minutes (DURATION=30m SEED=4711, SCENARIO=mix ACTIONS=3,4)
	@exec bin/torture $(if $(DURATION),--duration $(DURATION)) $(if $(SEED),--seed $(SEED)) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(ACTIONS),--actions $(ACTIONS)) $(TORTURE)

clean: ## remove what was built, and the private databases in var/
	rm -rf bin out var

# The private PostgreSQL is run from the machine's own programs, unless DATABASE_URL names a server.
postgresql:
	@if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "PostgreSQL is missing: installing Debian's package"; \
	  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; \
	else \
	  echo "PostgreSQL is missing. This installs it:  sudo apt-get install -y postgresql" >&2; exit 1; \
	fi
