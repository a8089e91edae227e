# What people and the continuous integration run. “make” alone lists it.
# Whatever these targets make is in .venv/ and .local/, which git ignores.

# French needs UTF-8, whatever the locale of the terminal.
export PYTHONUTF8 = 1

PYTHON = python3
PORT ?= 8000
WORKERS = 2

# Tests that have not begun after so many seconds are left to the next run, and are counted.
UNTIL = $(if $(WITHIN),--within $(WITHIN))

IN_VENV = .venv/bin/python
PYTEST = $(IN_VENV) -m pytest
INSTALL = $(PYTHON) -m pip --python $(IN_VENV) --disable-pip-version-check \
	install --quiet --require-hashes --requirement
IS_NEW_ENOUGH = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Il faut Python 3.11 ou plus récent, et $(PYTHON) est plus ancien : essayez « make $(MAKECMDGOALS) PYTHON=python3.12 »."; exit 1; }
# Not called by its own name, by which “make -n start” would know it, and run it.
THIS_MAKE = $(MAKE) PYTHON=$(PYTHON)
NEW_SECRET = import secrets; print(secrets.token_urlsafe(50))

# glibc then keeps returning large blocks to the system, instead of learning to keep them: a PDF of
# 5,000 lines peaks at 287 MB, not at 294 to 326.
start demo bench: export MALLOC_MMAP_THRESHOLD_ = 131072

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)


# Use

START = @python=$(IN_VENV); test -x $$python || { python=$(PYTHON); $(IS_NEW_ENOUGH); }; \
	exec $$python -m pimms.start '$(PORT)' $(WORKERS) $(THIS_MAKE)

start demo: export PLAIN_HTTP = yes
start demo: export DEBUG = no
start demo: export ALLOWED_HOSTS =

.PHONY: start
start: ## Prepare everything and serve on 127.0.0.1 (PORT=8000)
	$(START)

# A base of its own, which “new-demo” takes away first: then all is as at a first start.
.PHONY: demo
demo: export DATABASE_URL = sqlite:///.local/demo.sqlite3
demo: PORT = 8010
demo: ## Show it: a base of its own, new each time, on 127.0.0.1 (PORT=8010)
	$(START) new-demo

.PHONY: new-demo
new-demo: .venv/runtime .local/secret
	@$(IN_VENV) manage.py reset_demo

.PHONY: password
password: .venv/runtime .local/secret ## Make a new password for the administrator and print it
	@$(IN_VENV) manage.py renew_password

.PHONY: rehearse
rehearse: .venv/runtime .local/secret ## Restore the newest backup into a scratch base and check it (BACKUP=path)
	@$(IN_VENV) manage.py rehearse_restore $(BACKUP)


# Develop

.PHONY: test
test: .venv/dev ## Run the tests that need no other server and no browser
	env -u DATABASE_URL $(PYTEST) --numprocesses 2

.PHONY: coverage
coverage: .venv/dev ## Run them, list what none of them reaches, and fail if that is too much
	env -u DATABASE_URL $(PYTEST) --numprocesses 2 --cov

.PHONY: test-postgresql
test-postgresql: .venv/dev ## Run them on the PostgreSQL of DATABASE_URL (WITHIN=seconds)
	@test -n "$$DATABASE_URL" || { echo "Set DATABASE_URL, for example postgres://me@localhost/pimms"; exit 1; }
	$(PYTEST) --numprocesses 2 $(UNTIL)

.PHONY: test-browser
test-browser: .venv/dev ## Run the tests that drive Chromium (WITHIN=seconds)
	env -u DATABASE_URL $(PYTEST) -m browser --numprocesses 2 $(UNTIL)

.PHONY: test-floor
test-floor: .venv/dev | .local ## Run one case of each test on the oldest versions that pyproject.toml allows
	$(IN_VENV) -m uv venv --quiet --clear --python $(IN_VENV) .local/floor
	$(IN_VENV) -m uv pip install --quiet --python .local/floor \
		--resolution lowest-direct --requirements pyproject.toml --group dev
	env -u DATABASE_URL .local/floor/bin/python -m pytest --numprocesses 2 --one-case $(UNTIL)

SEED = 1

.PHONY: mutation
mutation: .venv/dev | .local ## Put small faults into the code and count those no test notices (SEED=1)
	env -u DATABASE_URL $(IN_VENV) -m tests.mutation $(SEED)

.PHONY: bench
bench: export SECRET_KEY = $(shell $(PYTHON) -c '$(NEW_SECRET)')
bench: .venv/dev .local/static/collected ## Measure imports, pages meanwhile, and documents beside the bare libraries
	$(IN_VENV) -m tests.bench_imports
	$(IN_VENV) -m tests.bench_serving
	$(IN_VENV) -m tests.bench_lists
	$(IN_VENV) -m tests.bench_releases
	env -u DATABASE_URL $(IN_VENV) -m tests.bench_renderers

.PHONY: check
check: export SECRET_KEY = $(shell $(PYTHON) -c '$(NEW_SECRET)')
check: export DATABASE_URL = sqlite://:memory:
check: .venv/dev ## Check style, types, layers, migrations and security settings
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check
	$(IN_VENV) -m mypy
	.venv/bin/lint-imports
	$(IN_VENV) manage.py makemigrations --check --dry-run
	env -u PLAIN_HTTP -u DEBUG -u ALLOWED_HOSTS \
		$(IN_VENV) manage.py check --deploy --fail-level WARNING

.PHONY: format
format: .venv/dev ## Mend what can be mended by itself
	$(IN_VENV) -m ruff check --fix
	$(IN_VENV) -m ruff format

# The runtime first; the other lock then holds the same versions, and more.
LOCK = $(IN_VENV) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-emit-index-url --custom-compile-command "make lock" pyproject.toml

.PHONY: lock
lock: .venv/dev ## Renew the locked versions (UPGRADE=--upgrade for the newest ones)
	$(LOCK) $(UPGRADE) --output-file requirements.txt
	$(LOCK) $(UPGRADE) --group dev --constraints requirements.txt --output-file requirements-dev.txt


# What the targets stand on. Each file marks a step that was finished.

.venv/made:
	@$(IS_NEW_ENOUGH)
	@$(PYTHON) -m venv --clear --without-pip .venv
	@touch $@

.venv/runtime: requirements.txt .venv/made
	@echo "Installation de ce que demande l’application, quelques minutes la première fois…"
	@$(INSTALL) requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/made
	@echo "Installing what the tests and checks need…"
	@$(INSTALL) requirements-dev.txt
	@touch $@

# For the owner's eyes only, like the records next to it.
.local:
	@mkdir -m 700 $@

.local/secret: | .venv/made .local
	@umask 077 && $(IN_VENV) -c '$(NEW_SECRET)' > $@.new && mv $@.new $@

.local/static/collected: .venv/runtime $(shell find labelling/static pimms/settings.py) | .local/secret
	@$(IN_VENV) manage.py collectstatic --noinput --verbosity 0
	@touch $@
