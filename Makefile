# SPDX-License-Identifier: MIT
#
# Builds Broadsheet, runs it and tests it; `make help` lists the targets. Sources are found by wildcard and header
# dependencies by the compiler, so adding a file needs no edit here. Everything made lies in $(BUILD), with one folder
# below it for each other way of building (test, asan, tsan, ...).
#
# On a bare machine there is neither a compiler nor pkg-config: nothing is asked of them before a recipe compiles, and
# the targets that install what is missing go on in a make of their own.

VERSION = 0.1.0

## Settings, on the command line of make:
##   LISTEN=127.0.0.1:8080      where `make run` serves
##   ADMIN_LISTEN=ADDRESS       where health and metrics are; otherwise 127.0.0.1 and the port after that of LISTEN
##   DATABASE=articles.db       the articles that `make run` serves; made, with the sample articles, if it is not there
##   ARGS=                      more options for `broadsheet serve`
##   CC=gcc                     or clang
##   MODULES=*                  the folders of server/ and tests/ to build and test: make quick MODULES="base article"
##   FUZZ_SECONDS=10            how long `make fuzz` tries each target
##   QUICK=1 PARTS= SIZES= ...  what `make bench` measures, and how thoroughly: tests/bench/README.md
##   QUALITY_ARCHIVES=          files of articles with editors' links, for `make quality`
##   MINUTES=10                 how long `make freshness` lasts
##   PREFIX=/usr/local DESTDIR= where `make install` puts the program
##   BUILD=build                where everything is built
LISTEN       = $(or $(BROADSHEET_LISTEN),127.0.0.1:8080)
ADMIN_LISTEN = $(BROADSHEET_ADMIN_LISTEN)
DATABASE     = $(or $(BROADSHEET_DATABASE),articles.db)
ARGS         =
CC           = gcc
MODULES      = *
FUZZ_SECONDS = 10
QUALITY_ARCHIVES =
MINUTES      = 10
PREFIX       = /usr/local
DESTDIR      =
BUILD        = build

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

# One job a core, unless -j is given.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory

# --- what it is built from ---

SOURCES         := $(sort $(wildcard $(MODULES:%=server/%/*.c)))
TEST_SOURCES    := $(filter-out tests/support/%,$(sort $(wildcard $(MODULES:%=tests/%/test_*.c))))
SUPPORT_SOURCES := $(sort $(wildcard tests/support/*.c))
FUZZ_SOURCES    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
MIGRATION_FILES := $(sort $(wildcard migrations/sqlite/*.sql))
STATIC_FILES    := $(sort $(shell find static -type f ! -name '.*' ! -path 'static/sample/*.ndjson' 2>/dev/null))
STATIC_FOLDERS  := $(shell find static -type d 2>/dev/null)
SAMPLE          = static/sample/articles.ndjson

LIBRARY         = $(BUILD)/libbroadsheet.a
OBJECTS         = $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/embedded/static.o $(BUILD)/embedded/migrations.o
SUPPORT_OBJECTS = $(SUPPORT_SOURCES:%.c=$(BUILD)/%.o)
TEST_PROGRAMS   = $(TEST_SOURCES:%.c=$(BUILD)/%)
REPLAYS         = $(FUZZ_SOURCES:tests/fuzz/fuzz_%.c=$(BUILD)/replay/%)
FUZZERS         = $(FUZZ_SOURCES:tests/fuzz/fuzz_%.c=$(BUILD)/fuzzers/%)
EVERY_SOURCE    = server/main.c $(SOURCES) $(SUPPORT_SOURCES) $(TEST_SOURCES) $(FUZZ_SOURCES)

# --- what it is built with ---

LIBRARIES = libmicrohttpd jansson sqlite3 zlib libbrotlienc gumbo icu-uc icu-i18n libcurl libcrypto libxxhash

# $(call once,NAME,VALUE) in the definition of NAME: found out when it is first used, and then known.
once = $(eval $(1) := $(2))$($(1))
has  = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo "$(1)")
pkg  = $(if $(shell pkg-config --exists $(1) 2>/dev/null && echo yes),$(shell pkg-config $(2) $(1)),$(error \
	pkg-config does not find all of: $(1). Run "make deps" or "make test-deps"))

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wundef
HARDENING = -fPIE -fstack-protector-strong -fno-strict-overflow -fno-delete-null-pointer-checks $(PROBED)
PROBED = $(call once,PROBED,$(call has,-fstack-clash-protection) $(call has,-fcf-protection=full) \
	$(call has,-ftrivial-auto-var-init=zero))
OPTIMISE = -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
LIBRARY_CFLAGS = $(call once,LIBRARY_CFLAGS,$(call pkg,$(LIBRARIES),--cflags))
LIBRARY_LIBS = $(call once,LIBRARY_LIBS,$(call pkg,$(LIBRARIES),--libs) -lstemmer -lm)
TEST_LIBS = $(call once,TEST_LIBS,$(call pkg,cmocka libbrotlidec,--libs))

CPPFLAGS = -D_GNU_SOURCE -DBROADSHEET_VERSION='"$(VERSION)"' -iquote include -iquote server
CFLAGS   =
LDFLAGS  =
SANITIZE =
COMPILE  = $(CC) -std=gnu17 -g -pthread $(or $(SANITIZE),$(OPTIMISE)) $(WARNINGS) $(HARDENING) $(CPPFLAGS) \
	$(LIBRARY_CFLAGS) $(CFLAGS)
LINK     = $(CC) -pthread -pie -Wl,--as-needed,-z,relro,-z,now,-z,noexecstack $(SANITIZE) $(CFLAGS) $(LDFLAGS)

# --- the program ---

.PHONY: all
all: $(BUILD)/broadsheet ## build build/broadsheet

$(BUILD)/broadsheet: $(BUILD)/server/main.o $(LIBRARY)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBRARY_LIBS)

.PHONY: lib
lib: $(LIBRARY)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	@rm -f $@
	@ar rcs $@ $(OBJECTS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/embedded/%.o: $(BUILD)/embedded/%.c $(BUILD)/flags
	@$(COMPILE) -c -o $@ $<

# Files that are built into the program. Their folders are named too, so that a file taken away is noticed.
$(BUILD)/embedded/static.c: server/embed.sh $(STATIC_FILES) $(STATIC_FOLDERS)
	@mkdir -p $(@D)
	@sh server/embed.sh embedded_static_files static/ $(STATIC_FILES) >$@

$(BUILD)/embedded/migrations.c: server/embed.sh $(MIGRATION_FILES) migrations/sqlite
	@mkdir -p $(@D)
	@sh server/embed.sh embedded_migrations migrations/sqlite/ $(MIGRATION_FILES) >$@

# Everything is compiled anew when compiler or flags change, and only then.
.PHONY: always
$(BUILD)/flags: always
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(COMPILE))' >$@.new
	@if cmp -s $@ $@.new; then rm -f $@.new; else mv $@.new $@; fi

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/*/*/*/*.d)

.PHONY: install
install: all ## install the program
	install -D -m 755 $(BUILD)/broadsheet $(DESTDIR)$(PREFIX)/bin/broadsheet

.PHONY: image
image: ## build the container image "broadsheet"
	$(firstword $(shell command -v docker podman) docker) build -t broadsheet .

.PHONY: clean
clean: ## remove everything built
	rm -rf $(BUILD)

# --- on a bare machine ---

PACKAGES = gcc libc6-dev pkgconf libmicrohttpd-dev libjansson-dev libsqlite3-dev zlib1g-dev libbrotli-dev libgumbo-dev \
	libicu-dev libcurl4-openssl-dev libssl-dev libxxhash-dev libstemmer-dev tzdata
TEST_PACKAGES = libcmocka-dev valgrind libc6-dbg clang libclang-rt-dev curl
CLIENT_PACKAGES = chromium fonts-liberation jing libxml2-utils newsboat python3-feedparser $(if $(shell command -v node),,nodejs) $(if $(shell command -v npm),,npm)

# $(call install_packages,PACKAGES): asks nothing, and needs neither root nor a network when nothing is missing. The
# package lists are fetched when they are empty, or so old that something in them is gone.
define install_packages
	missing=$$(for package in $(1); do \
		test "$$(dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null)" = installed || printf '%s ' $$package; done); \
	if test -z "$$missing"; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "Please install what Debian calls: $$missing"; exit 1; fi; \
	sudo=; if test $$(id -u) -ne 0; then sudo=sudo; fi; \
	apt="$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0"; \
	echo "Installing $$missing"; \
	apt-get -s -q install --no-install-recommends $$missing >/dev/null 2>&1 || $$apt update || exit 1; \
	$$apt install --no-install-recommends $$missing || { $$apt update && $$apt install --no-install-recommends $$missing; }
endef

.PHONY: deps
deps: ## install what building needs and is missing (by apt-get, with sudo unless root)
	@command -v $(CC) >/dev/null && pkg-config --exists $(LIBRARIES) 2>/dev/null && test -e /usr/share/zoneinfo/UTC || \
	{ $(call install_packages,$(PACKAGES)); }

.PHONY: test-deps
test-deps: deps ## install what the tests need besides
	@$(call install_packages,$(TEST_PACKAGES) $(if $(wildcard tests/clients/run.sh),$(CLIENT_PACKAGES)))

# --- running ---

# The admin address when none is given: the port after that of LISTEN, so that two instances do not meet; none beside a
# Unix socket.
.PHONY: run
run: ## install what is missing, build, migrate, load the sample articles if there are none, serve
	@$(MAKE) deps
	@$(MAKE) all
	@$(BUILD)/broadsheet migrate --database '$(DATABASE)'
	@if ! $(BUILD)/broadsheet export --database '$(DATABASE)' 2>/dev/null | head -c 1 | grep -q .; then \
		$(BUILD)/broadsheet import --database '$(DATABASE)' $(SAMPLE); fi
	@listen='$(LISTEN)'; first=$${listen%%,*}; port=$${first##*:}; admin='$(ADMIN_LISTEN)'; \
	case $$port in \
	0) : $${admin:=127.0.0.1:0} ;; \
	65535 | '' | *[!0-9]*) : $${admin:=none} ;; \
	*) : $${admin:=127.0.0.1:$$((port + 1))} ;; \
	esac; \
	exec $(BUILD)/broadsheet serve --database '$(DATABASE)' --listen "$$listen" --admin-listen "$$admin" $(ARGS)

# --- tests ---

RUN = tests/support/run_tests.sh

# Some kernels scatter memory more widely than the sanitizers of the time expect: hold it still where that is allowed.
STILL = $(call once,STILL,$(shell setarch -R true 2>/dev/null && echo "--under 'setarch -R'"))

ASAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
TSAN = -fsanitize=thread -fno-omit-frame-pointer -O1

.PHONY: test
test: ## run all tests, installing what they need; the last line counts them
	@$(MAKE) test-deps
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/support/run_all.sh

.PHONY: quick
quick: check ## build and run the C tests alone

.PHONY: tests
tests: $(TEST_PROGRAMS)

# Some tests run the program itself.
check valgrind check-asan check-tsan run-torture: export BROADSHEET = $(BUILD)/broadsheet
check valgrind check-asan check-tsan run-torture: $(if $(filter-out *,$(MODULES)),,$(BUILD)/broadsheet)

.PHONY: check
check: $(TEST_PROGRAMS)
	@$(RUN) $(TEST_PROGRAMS)

# What does much at random, or the same with many inputs, goes the same ways through the code as its neighbours, and has AddressSanitizer: under valgrind it would take minutes.
LENGTHY_TESTS = $(patsubst %,$(BUILD)/tests/%,api/test_law api/test_law_controls api/test_write_model api/test_batch_pieces api/test_paging \
	api/test_no_trace api/test_freshness api/test_freshness_load api/test_freshness_control api/test_mirror api/test_waiting \
	article/test_search_highlight article/test_html_sanitise cli/test_import_export import/test_pages_real publish/test_background store/test_newsroom_read \
	store/test_store_check)

.PHONY: valgrind
valgrind: $(TEST_PROGRAMS) ## the C tests under valgrind
	@$(RUN) --label valgrind --limit 600 --under 'valgrind -q --error-exitcode=9 --leak-check=full --fair-sched=try --suppressions=tests/support/valgrind.supp' \
		$(filter-out $(FAULT_TESTS) $(LENGTHY_TESTS),$(TEST_PROGRAMS))

# What they test is another process: the program itself, with a library preloaded.
FAULT_TESTS = $(filter $(BUILD)/tests/faults/% $(BUILD)/tests/cli/test_backup,$(TEST_PROGRAMS))

.PHONY: torture
torture: ## the tests of faults in their long form: every call, every allocation, 100,000 power cuts; the time of a refusal (hours)
	@$(MAKE) run-torture

.PHONY: run-torture
run-torture: export TORTURE = 1
run-torture: export KEY_TIMING = $(BUILD)/bench/tools/key_timing
run-torture: $(FAULT_TESTS) $(BUILD)/bench/tools/key_timing
	@$(RUN) --label torture --limit 14400 $(FAULT_TESTS)
	@$(RUN) --label torture --limit 600 tests/bench/key_timing.sh

.PHONY: freshness
freshness: $(BUILD)/tests/api/test_freshness_load ## write and read at full load for MINUTES, and look for an answer that is out of date
	@$< $$(($(MINUTES) * 60))

.PHONY: asan
asan: ## the C tests and the seeds of the fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) BUILD=$(BUILD)/asan SANITIZE='$(ASAN)' check-asan

.PHONY: check-asan
# A sanitizer brings an allocator of its own, and will have no other before it.
OWN_ALLOCATOR = $(filter $(BUILD)/tests/faults/test_out_of_memory,$(TEST_PROGRAMS))

check-asan: $(TEST_PROGRAMS) $(REPLAYS)
	@$(RUN) --label asan --limit 300 $(STILL) $(filter-out $(OWN_ALLOCATOR),$(TEST_PROGRAMS)) $(REPLAYS)

.PHONY: tsan
tsan: ## the C tests under ThreadSanitizer
	@$(MAKE) BUILD=$(BUILD)/tsan SANITIZE='$(TSAN)' check-tsan

.PHONY: check-tsan
check-tsan: $(TEST_PROGRAMS)
	@$(RUN) --label tsan --limit 300 $(STILL) $(filter-out $(FAULT_TESTS),$(TEST_PROGRAMS))

.PHONY: fuzz
fuzz: ## try the fuzz targets for FUZZ_SECONDS each, by clang's libFuzzer
	@$(MAKE) CC=clang BUILD=$(BUILD)/fuzz SANITIZE='$(ASAN) -fsanitize=fuzzer-no-link' run-fuzzers

# What is found is written to $(BUILD)/found/. It joins tests/fuzz/seeds/ together with the fix.
.PHONY: run-fuzzers
run-fuzzers: $(FUZZERS)
	@mkdir -p $(BUILD)/found
	@status=0; for name in $(notdir $(FUZZERS)); do \
		mkdir -p $(BUILD)/corpus/$$name tests/fuzz/seeds/$$name; \
		echo "== fuzzing $$name for $(FUZZ_SECONDS) s"; \
		$(BUILD)/fuzzers/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=$(BUILD)/found/$$name- $(BUILD)/corpus/$$name tests/fuzz/seeds/$$name 2>&1 || status=1; \
	done; exit $$status

.PHONY: layers
layers: ## do layers look only downwards?
	@tests/source/test_layers.sh

.PHONY: lint
lint: ## clang-tidy and the house rules over all sources
	@$(call install_packages,clang-tidy)
	@tests/source/test_house_rules.sh
	@$(MAKE) -k CC=clang BUILD=$(BUILD)/clang $(EVERY_SOURCE:%=lint-%)

LINT = bugprone-*,cert-*,clang-analyzer-*,misc-*,-bugprone-easily-swappable-parameters,-cert-err33-c,$\
	-bugprone-assignment-in-if-condition,-bugprone-implicit-widening-of-multiplication-result,-misc-no-recursion,$\
	-bugprone-narrowing-conversions,-bugprone-not-null-terminated-result,-misc-misleading-bidirectional,$\
	-clang-analyzer-optin.performance.Padding,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling

.PHONY: $(EVERY_SOURCE:%=lint-%)
$(EVERY_SOURCE:%=lint-%): lint-%:
	@echo "  LINT  $*"
	@clang-tidy --quiet --warnings-as-errors='*' --checks='-*,$(LINT)' $* -- $(wordlist 2,999,$(COMPILE)) $(TEST_INCLUDES) 2>/dev/null

.PHONY: clang-check
clang-check:
	@$(MAKE) CC=clang BUILD=$(BUILD)/clang CFLAGS='-Werror $(CFLAGS)' syntax

.PHONY: syntax
syntax: $(EVERY_SOURCE:%.c=$(BUILD)/%.syntax)

$(BUILD)/%.syntax: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@$(COMPILE) $(TEST_INCLUDES) -fsyntax-only -MMD -MP -MT $@ -MF $@.d $<
	@touch $@

.PHONY: format
format: ## lay out all sources by clang-format
	@$(call install_packages,clang-format)
	clang-format -i $(shell find server include tests -name '*.[ch]')

.PHONY: cover
cover: ## how much of each file the C tests reach
	@$(MAKE) BUILD=$(BUILD)/cover SANITIZE='--coverage -O0' check
	@gcov -n -b $(SOURCES:%.c=$(BUILD)/cover/%.gcda) 2>/dev/null | awk -F "[':% ]+" ' \
		/^File/ { file = $$2 } \
		/^Lines executed/ { lines = $$3 } \
		/^Taken at least once/ { if (file ~ /^server/) printf "%6.1f %% of lines  %6.1f %% of branches  %s\n", lines, $$5, file }'

# --- speed ---

BENCH_PACKAGES = nginx wrk sqlite3 curl strace
BENCH_TOOLS = $(patsubst %,$(BUILD)/bench/tools/%,generate_articles ceiling walk_pages measure cpu_time load_not_modified write_load polling_day wait_clients)
GENERATOR_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/bench/generate/*.c)))

# A newly installed nginx would start and take port 80: it is stopped, as only our own is wanted.
.PHONY: bench-deps
bench-deps: deps
	@had=$$(PATH=$$PATH:/usr/sbin command -v nginx); ( $(call install_packages,$(BENCH_PACKAGES)) ) && \
	if test -z "$$had" && test -d /run/systemd/system; then \
		sudo=; test $$(id -u) -eq 0 || sudo=sudo; $$sudo systemctl disable --now nginx; \
	fi

.PHONY: bench
bench: ## measure speed beside nginx, installing what that needs; QUICK=1 for two minutes (tests/bench/README.md)
	@$(MAKE) bench-deps
	@$(MAKE) all bench-tools
	@BUILD='$(BUILD)' tests/bench/bench.sh

.PHONY: quality
quality: all ## how well related articles are found, beside exact cosine, on QUALITY_ARCHIVES or ../shared (tests/bench/README.md)
	@BUILD='$(BUILD)' tests/bench/quality/quality.sh $(QUALITY_ARCHIVES)

.PHONY: bench-tools
bench-tools: $(BENCH_TOOLS) $(BUILD)/bench/tools/no_sync.so

$(BUILD)/bench/tools/no_sync.so: tests/bench/no_sync.c
	@mkdir -p $(@D)
	@$(CC) -O2 -fPIC -shared -o $@ $<

$(BUILD)/bench/tools/generate_articles: $(GENERATOR_OBJECTS)
	@mkdir -p $(@D)
	@$(LINK) -o $@ $^

$(BUILD)/bench/tools/key_timing: $(BUILD)/tests/bench/key_timing.o $(LIBRARY)
	@mkdir -p $(@D)
	@$(LINK) -o $@ $^ $(LIBRARY_LIBS)

$(BUILD)/bench/tools/wait_clients: $(BUILD)/tests/bench/wait_clients.o $(BUILD)/tests/support/wait_clients.o
	@mkdir -p $(@D)
	@$(LINK) -o $@ $^

$(BUILD)/bench/tools/%: $(BUILD)/tests/bench/%.o
	@mkdir -p $(@D)
	@$(LINK) -o $@ $^ $(LIBRARY_LIBS)

TEST_INCLUDES = -iquote tests/support -iquote .

$(BUILD)/tests/%.o: CPPFLAGS += $(TEST_INCLUDES)

$(BUILD)/libsupport.a: $(SUPPORT_OBJECTS)
	@rm -f $@
	@ar rcs $@ $(SUPPORT_OBJECTS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libsupport.a $(LIBRARY)
	@$(LINK) -o $@ $^ $(TEST_LIBS) $(LIBRARY_LIBS)

# The program with faults put in, for the tests of tests/faults/ to find.
$(BUILD)/hasty: $(BUILD)/tests/faults/broken/hasty.o $(BUILD)/server/main.o $(LIBRARY)
	@$(LINK) -Wl,--wrap=publish_group -o $@ $^ $(LIBRARY_LIBS)

$(BUILD)/careless: $(BUILD)/tests/faults/broken/careless.o $(BUILD)/server/main.o $(LIBRARY)
	@$(LINK) -Wl,--wrap=memory_guard_libraries -o $@ $^ $(LIBRARY_LIBS)

# Preloaded into the program by the tests of tests/faults/, which look for it beside the program.
PRELOADED = $(BUILD)/fault.so $(BUILD)/recorder.so $(BUILD)/oom.so

$(PRELOADED): $(BUILD)/%.so: tests/faults/%.c tests/faults/%.h
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -g -O2 -fPIC -shared $(WARNINGS) -D_GNU_SOURCE -o $@ $< -ldl

$(FAULT_TESTS): | $(PRELOADED) $(BUILD)/hasty $(BUILD)/careless $(BUILD)/broadsheet

$(BUILD)/replay/%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay_seeds.o $(BUILD)/libsupport.a $(LIBRARY)
	@mkdir -p $(@D)
	@$(LINK) -o $@ $^ $(TEST_LIBS) $(LIBRARY_LIBS)

$(BUILD)/fuzzers/%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libsupport.a $(LIBRARY)
	@mkdir -p $(@D)
	@$(LINK) -fsanitize=fuzzer -o $@ $^ $(TEST_LIBS) $(LIBRARY_LIBS)

.PHONY: help
help: ## list the targets
	@awk -F ': .*## ' '/^[a-z-]+:.* ## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@sed -nE 's/^## ?//p' Makefile
