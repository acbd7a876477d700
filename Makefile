# make test    everything, on a machine with Go, Python 3.11 or later and make
# make check   what a pull request must pass: lint, then test
# make help    the other targets

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
FUZZTIME ?= 60s
FUNCTIONS := change dispatch scan
TEMPLATES := template.yaml $(wildcard deploy/*.yaml)

# The flags a Lambda's binary is built with. provided.al2023 starts `bootstrap`;
# lambda.norpc leaves out the RPC server of the runtime that AWS retired,
# nethttpomithttp2 HTTP/2, which no API that is called here needs. Where a
# function waits for the network, inlining adds size alone.
LAMBDA_FLAGS := -trimpath -tags lambda.norpc,nethttpomithttp2 -ldflags '-s -w' \
	-gcflags 'net/...=-l' -gcflags 'crypto/...=-l' -gcflags 'vendor/...=-l' -gcflags 'github.com/aws/...=-l' \
	-gcflags 'bufio=-l' -gcflags 'compress/...=-l' -gcflags 'context=-l' -gcflags 'encoding/...=-l' -gcflags 'fmt=-l' -gcflags 'log/...=-l' \
	-gcflags 'math/big=-l' -gcflags 'mime/...=-l' -gcflags 'os/...=-l' -gcflags 'reflect=-l' -gcflags 'regexp/...=-l' -gcflags 'time=-l'

# SAM, cfn-lint and moto live in .venv. The stamp is named for the lock's
# contents: the environment is made anew when they change, and only then.
VENV := .venv
READY := $(VENV)/ready-$(shell cksum < tools/requirements.txt | cut -d' ' -f1)
TOOL := go tool -modfile=tools/go.mod

# No account is needed, and nothing here may find one by accident.
export SAM_CLI_TELEMETRY := 0
export AWS_EC2_METADATA_DISABLED := true

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: test
test: $(READY) build templates ## vet, build, validate the templates, run every test; a skipped test is a failure
	go vet ./...
	go run -C tools ./testrun -- ./...
	go run -C tools ./testrun -dir .. -- -count=1 -timeout 15m ./...

# Node.js brings the accessibility checker, Debian's package the browser; CHROMIUM
# names another one.
CHROMIUM ?= chromium
export CHROMIUM

.PHONY: test-browser
test-browser: ## the HTML report in headless Chromium, which is installed where it is missing
	command -v "$(CHROMIUM)" >/dev/null || { \
		command -v apt-get >/dev/null || { echo "no browser: install Chromium, or name one with CHROMIUM=…" >&2; exit 1; }; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; }
	npm ci --prefix tools/browser --ignore-scripts --no-audit --no-fund --silent
	go vet -C tools/browser ./...
	go run -C tools ./testrun -dir browser -- -count=1 ./...

.PHONY: check
check: lint test ## lint, then test

.PHONY: build
build: ## the command and the three Lambda binaries, into bin/
	CGO_ENABLED=0 go build -trimpath -o bin/caudit ./cmd/caudit
	for f in $(FUNCTIONS); do \
		CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build $(LAMBDA_FLAGS) -o bin/$$f/bootstrap ./functions/$$f; \
	done

.PHONY: templates
templates: $(READY) expanded ## lint and build the stack's templates
	$(VENV)/bin/cfn-lint $(TEMPLATES)
	$(VENV)/bin/sam validate --lint --region us-east-1
	$(VENV)/bin/sam build

.PHONY: expanded
expanded: $(READY) ## the stack's template without its transform, into dist/
	mkdir -p dist
	$(VENV)/bin/python tools/expand/expand.py template.yaml > dist/template.expanded.yaml
	$(VENV)/bin/cfn-lint dist/template.expanded.yaml

.PHONY: zips
zips: build ## the functions' code as the expanded template takes it, into dist/
	$(PYTHON) tools/expand/zips.py bin dist $(FUNCTIONS)

.PHONY: man
man: ## the manual pages of the command, into dist/man
	go test ./cmd/caudit -run '^TestManualPages$$' -count 1 -man '$(CURDIR)/dist/man'

# What a release needs beside Go. Installed by version, which the checksum database
# of Go knows, and no part of tools/go.mod: goreleaser has more modules than
# everything else here together.
RELEASE_TOOLS := .cache/release-tools
GORELEASER := github.com/goreleaser/goreleaser/v2@v2.17.0
CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
WITH_RELEASE_TOOLS := PATH="$(CURDIR)/$(RELEASE_TOOLS):$$PATH"

.PHONY: release-tools
release-tools: $(RELEASE_TOOLS)/made-$(shell echo $(GORELEASER) $(CYCLONEDX) | cksum | cut -d' ' -f1)

$(RELEASE_TOOLS)/made-%:
	rm -rf $(RELEASE_TOOLS)
	CGO_ENABLED=0 GOBIN="$(CURDIR)/$(RELEASE_TOOLS)" go install $(GORELEASER)
	CGO_ENABLED=0 GOBIN="$(CURDIR)/$(RELEASE_TOOLS)" go install $(CYCLONEDX)
	touch $@

.PHONY: release-check
release-check: release-tools $(READY) ## a whole release, unpublished, into dist/release; of a tagged commit with its version
	$(WITH_RELEASE_TOOLS) goreleaser check
	if git describe --tags --exact-match >/dev/null 2>&1; then how=--skip=publish; else how=--snapshot; fi; \
	$(WITH_RELEASE_TOOLS) goreleaser release --clean $$how

.PHONY: release
release: release-tools $(READY) ## a draft of the release that the tag of HEAD names (needs GITHUB_TOKEN)
	mkdir -p dist
	$(MAKE) --silent release-notes > dist/notes.md
	$(WITH_RELEASE_TOOLS) goreleaser release --clean --release-notes dist/notes.md

.PHONY: release-notes
release-notes: ## what CHANGELOG.md says of the tag of HEAD; nothing is an error
	@tag="$$(git describe --tags --exact-match)" && awk -v head="## [$${tag#v}]" ' \
		index($$0, "## [") == 1 || /^\[[^]]*\]: / { inside = index($$0, head) == 1; next } \
		inside { print; said = said || NF } \
		END { if (!said) { print "CHANGELOG.md says nothing of it: " head > "/dev/stderr"; exit 1 } }' CHANGELOG.md

.PHONY: function-boms
function-boms: ## what the functions in bin/ are made of, into dist/ (make release-check calls it)
	for f in $(FUNCTIONS); do \
		$(WITH_RELEASE_TOOLS) cyclonedx-gomod bin -json -std -noserial -notimestamp -output dist/$$f.cdx.json bin/$$f/bootstrap; \
	done

# Nothing is shared but the modules and the tools: the folders have other names,
# and each its own cache of compiled packages.
.PHONY: reproducible
reproducible: release-tools $(READY) ## the release of HEAD made twice, in two folders: the same checksums
	rm -rf .cache/reproducible
	git clone --quiet --no-local . .cache/reproducible/one
	git clone --quiet --no-local .cache/reproducible/one .cache/reproducible/a/longer/way
	for copy in one a/longer/way; do \
		ln -s "$(CURDIR)/$(VENV)" .cache/reproducible/$$copy/$(VENV); \
		echo /$(VENV) >> .cache/reproducible/$$copy/.git/info/exclude; \
		mkdir .cache/reproducible/$$copy/.cache; \
		ln -s "$(CURDIR)/$(RELEASE_TOOLS)" .cache/reproducible/$$copy/$(RELEASE_TOOLS); \
		GOCACHE="$(CURDIR)/.cache/reproducible/compiled" $(MAKE) -C .cache/reproducible/$$copy release-check; \
		rm -rf .cache/reproducible/compiled; \
	done
	diff .cache/reproducible/one/dist/release/checksums.txt .cache/reproducible/a/longer/way/dist/release/checksums.txt
	@echo "$$(wc -l < .cache/reproducible/one/dist/release/checksums.txt) files, twice the same"

.PHONY: lint
lint: ## formatting, vet, staticcheck, closed types, dead code, workflows
	@unformatted=$$($(TOOL) gofumpt -l auditor cmd functions tools); \
	if [ -n "$$unformatted" ]; then echo "not formatted (run make format):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(TOOL) staticcheck -tags lambda.norpc ./...
	$(TOOL) go-check-sumtype ./...
	$(TOOL) deadcode -test -tags lambda.norpc ./...
	$(TOOL) actionlint .github/workflows/*.yml

.PHONY: format
format: ## format the Go files
	$(TOOL) gofumpt -w auditor cmd functions tools

.PHONY: race
race: $(READY) ## every test under the race detector (needs a C compiler)
	CGO_ENABLED=1 go run -C tools ./testrun -dir .. -- -count=1 -race ./...

.PHONY: vuln
vuln: ## known vulnerabilities in what we call (needs vuln.go.dev, so it is no part of check)
	$(TOOL) govulncheck ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (60s)
	for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

.PHONY: bench
bench: ## every benchmark, in the form that benchstat reads
	go test -run '^$$' -bench . -benchmem -count 6 ./auditor/...

.PHONY: bench-start
bench-start: ## how long each function takes to start, against the least a function can be; and the sizes of the binaries
	go test -run TestLambdasAreSmall -v -count 1 ./auditor/internal/house
	go test -run '^$$' -bench Start -benchtime 40x -count 1 ./functions

# The machine needs /usr/bin/time (Debian: time) and room for 1.3 GB in .cache.
.PHONY: bench-size
bench-size: ## time and peak memory of audits of 10,000 to 1,000,000 principals
	CGO_ENABLED=0 go build -trimpath -o bin/caudit ./cmd/caudit
	CGO_ENABLED=0 go build -trimpath -o bin/writedump ./auditor/internal/dump/writedump
	mkdir -p .cache
	for n in 10000 100000 1000000; do \
		bin/writedump -principals $$n > .cache/dump.json; \
		echo "$$n principals, $$(stat -c %s .cache/dump.json) bytes"; \
		/usr/bin/time -f '%e seconds, %M KiB resident at most' bin/caudit scan --quiet --fail-on never --format json -o /dev/null .cache/dump.json; \
	done
	rm -f .cache/dump.json

.PHONY: generate
generate: ## the AWS facts and everything else that is generated
	go generate ./...

.PHONY: notice
notice: ## in NOTICE, what the command and the functions link, with the licences
	go run -C tools ./licences -dir ..

.PHONY: new-rule
new-rule: ## file, page and fixtures of a rule: make new-rule ID=exposure/untrusted-read
	@test -n "$(ID)" || { echo "which rule? make new-rule ID=category/slug"; exit 2; }
	go run -C tools ./newrule -dir .. "$(ID)"

.PHONY: lock
lock: ## tools/requirements.txt from tools/requirements.in (needs a package index)
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	cd tools && ../.cache/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--quiet --custom-compile-command 'make lock' requirements.in -o requirements.txt

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf bin dist .aws-sam .cache $(VENV) tools/browser/node_modules

# --no-deps: the lock names every package, so pip has nothing to resolve;
# pip check then says whether the lock was complete.
$(READY):
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed, this is " + sys.version)'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tools/requirements.txt
	$(VENV)/bin/python -m pip check
	touch $@
