# The front door. Every target is a short script under tools/ and says what it does while it takes long.
.DEFAULT_GOAL := help
.PHONY: help run build dev test check guards bench tools clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## build and start the demo on http://127.0.0.1:3000
	@tools/run.sh

build: ## leave one self-contained target/release/postern
	@tools/build.sh

dev: ## watch the sources, rebuild and reload
	@tools/dev.sh

test: ## run every test at every level
	@tools/test.sh

check: ## formatting, lints, and who may import what
	@tools/check.sh

guards: ## only who may import what (seconds)
	@tools/guards.sh

bench: ## measure the numbers to reach
	@tools/bench.sh

tools: ## install what building needs, and nothing else
	@tools/install.sh build

clean: ## remove what was built here, keep the installed tools
	@rm -rf target end2end/node_modules end2end/test-results end2end/playwright-report
