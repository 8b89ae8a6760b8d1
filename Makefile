# The few commands worth knowing; `make help` prints them.
SHELL := /bin/bash
PYTHON := .venv/bin/python
export PYTHONPATH := src

.PHONY: help install demo up scenarios simulate check test test-long bench bench-standin bench-handback bench-door bench-web bench-import bench-eod bench-charges bench-books bench-books-long bench-diagnosis bench-detect bench-control bench-tell bench-insight forecast-model bench-tone tone-model bench-helper helper-model bench-chat pictures client lock clean
help: ## Print this.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.venv/installed: requirements/all.txt requirements/uv.txt scripts/bootstrap
	@scripts/bootstrap

install: .venv/installed ## Install the locked requirements into .venv.

demo: .venv/installed ## Play the outage on a made-up bank, then stay up. EXIT=1 ends, SEED=2, BANK=folder of Berka, PORT=8080.
	@./holdfast demo --seed $(or $(SEED),1) $(if $(BANK),--bank $(BANK)) $(if $(filter 1,$(EXIT)),--exit)

up: .venv/installed ## Start the bank and keep it up until Ctrl-C.
	@./holdfast up

scenarios: .venv/installed ## The fault matrix, some half an hour. NAME="server-failure bank-web-killed" plays only these; SEED=2, PORT=8080.
	@./holdfast gameday matrix $(NAME) --seed $(or $(SEED),1)

check: .venv/installed ## Style, types, imports, dead code.
	@scripts/check

test: .venv/installed ## All tests a change must pass, with a real browser; about ten minutes at most.
	@scripts/browser
	@scripts/test

test-long: .venv/installed ## Everything: also the long tests and ten demo runs with different seeds.
	@scripts/browser
	@scripts/test --long

bench: ## All benchmarks, half an hour; each prints a table and writes var/bench/NAME.json.
	@bad=0; for one in door standin handback web books import eod charges diagnosis detect control tell tone chat; do $(MAKE) --no-print-directory bench-$$one || bad=1; done; exit $$bad

bench-standin: .venv/installed ## The spare bank: payments beside the feed, start, memory. CUSTOMERS=1000000, DATA=folder keeps what it filled.
	@$(PYTHON) benchmarks/standin.py --customers $(or $(CUSTOMERS),1000000) $(if $(DATA),--data $(DATA))

bench-handback: .venv/installed ## Replay of the journal, reconciling every account. ACCOUNTS=1000000, ENTRIES=50000.
	@$(PYTHON) benchmarks/handback.py --accounts $(or $(ACCOUNTS),1000000) --entries $(or $(ENTRIES),50000)

bench-door: .venv/installed ## What a front door adds, and what one core of it carries.
	@$(PYTHON) benchmarks/door.py

bench-web: .venv/installed ## The main bank through the front door: account page, payments.
	@$(PYTHON) benchmarks/web.py

bench-import: .venv/installed ## A million transactions of another bank loaded; FOLDER=of the PKDD'99 files takes real ones.
	@$(PYTHON) benchmarks/importing.py $(FOLDER)

bench-eod: .venv/installed ## The end of a day: interest accrued and booked. ACCOUNTS=1000000, MOVES=4 entries each in the month.
	@$(PYTHON) benchmarks/eod.py --accounts $(or $(ACCOUNTS),1000000) --moves $(or $(MOVES),4)

bench-charges: .venv/installed ## A review of charges beside a slower recomputation of each customer. CUSTOMERS=10000.
	@$(PYTHON) benchmarks/charges.py --customers $(or $(CUSTOMERS),10000)

bench-books: .venv/installed ## The books beside TPC-B, COPY and row locks on the same server; some four minutes.
	@$(PYTHON) benchmarks/books.py

bench-books-long: .venv/installed ## What a transfer costs as the books grow. TRANSFERS=10000000.
	@$(PYTHON) benchmarks/books.py --long --transfers $(or $(TRANSFERS),10000000)

bench-diagnosis: .venv/installed ## Is the right cause of an incident named first? PETSHOP=folder, CASES=folder instead of benchmarks/cases, FIT=1.
	@$(PYTHON) benchmarks/diagnosis.py $(if $(PETSHOP),--petshop $(PETSHOP)) $(if $(CASES),--cases $(CASES)) $(if $(FIT),--fit)

bench-control: .venv/installed ## The control room: what it costs, and its pages with a thousand incidents and a fortnight kept.
	@$(PYTHON) benchmarks/control.py

bench-tell: .venv/installed ## Messages to customers: how many a second, through kills, and 100,000 told of an outage. ONLY=speed|faults|outage.
	@$(PYTHON) benchmarks/tell.py $(if $(ONLY),--only $(ONLY)) $(if $(AFFECTED),--affected $(AFFECTED))

bench-tone: .venv/installed ## Drafts of messages: dismissive ones caught, good ones stopped, in English and Norwegian.
	@$(PYTHON) benchmarks/tone.py

bench-insight: .venv/installed ## The forecast of the month's end on accounts it has not seen. BERKA=folder.
	@$(PYTHON) benchmarks/insight.py --berka $(BERKA)

forecast-model: .venv/installed ## Learn the forecast anew. BERKA=folder; needs scikit-learn.
	@$(PYTHON) benchmarks/forecast_training.py --berka $(BERKA) --write src/holdfast/bank/insight/forecast.model.json

tone-model: .venv/installed ## Learn the tone's model from the labelled drafts; JUDGE=1 says how it does with drafts held back. Needs scikit-learn.
	@$(PYTHON) benchmarks/tone_training.py $(if $(JUDGE),,--write src/holdfast/guard/tone.model.json)

bench-helper: .venv/installed ## The helper's understanding of questions, on a fold held out. BANKING77=folder; needs scikit-learn.
	@$(PYTHON) benchmarks/helper.py --banking77 $(BANKING77)

helper-model: .venv/installed ## Write the helper's model from all questions. BANKING77=folder; needs scikit-learn.
	@$(PYTHON) benchmarks/helper.py --banking77 $(BANKING77) --write src/holdfast/control/helper/intents.model

bench-chat: .venv/installed ## Two hundred chats at once: how long a message takes to a screen; some two minutes.
	@$(PYTHON) benchmarks/chat.py

bench-detect: .venv/installed ## Detectors: faults found in time, pages in ten calm days, NAB. SEEDS=2, HOLDFAST_NAB=its folder.
	@$(PYTHON) benchmarks/detect.py --seeds $(or $(SEEDS),2)

simulate: .venv/installed ## The protocol under a simulator: SEEDS=20000, SEED=7 tells one story, MUTANTS=1 hunts broken rules.
	@$(PYTHON) tests/simulation/run.py $(if $(SEED),--seed $(SEED)) $(if $(MUTANTS),--mutants) --seeds $(or $(SEEDS),500)

pictures: .venv/installed ## Pictures of the main pages into docs/pictures (needs a running bank: ./holdfast up).
	@$(PYTHON) scripts/pictures.py

client: .venv/installed ## Write the API's description and the client generated from it.
	@$(PYTHON) scripts/client.py

lock: .venv/installed ## Lock the requirements anew.
	@scripts/lock

clean: ## Remove what tests left; never data.
	@rm -rf .mypy_cache .ruff_cache .hypothesis .import_linter_cache
