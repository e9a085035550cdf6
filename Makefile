# What people do with this repository. Each target says more in the script that it calls.
.PHONY: build up down test lab-up lab-down bench clean

build: ## the program, as bin/fleetwright, and the web pages that it serves, as bin/wwwroot
	@web/build
	@rm -rf bin/wwwroot
	dotnet publish src/Fleetwright -c Release -o bin -v q --nologo -warnaserror

up: build ## start the server on this machine, in the background, and say how to reach it
	@tools/up

down: ## stop it
	@tools/down

test: ## everything: builds with warnings as errors, brings the lab up, runs all tests
	@tests/run

lab-up:
	@lab/install
	@lab/up

lab-down:
	@lab/down

bench: build ## the figures of bench/README.md
	@if [ -x bench/run ]; then bench/run; else echo "there is no bench/run here"; exit 1; fi

clean:
	rm -rf bin artifacts TestResults
