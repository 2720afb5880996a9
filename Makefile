# SPDX-License-Identifier: MIT
#
# Builds Broadsheet, runs it and tests it; `make help` lists the targets. Sources are found by wildcard and header
# dependencies by the compiler, so adding a file needs no edit here. Everything made lies in $(BUILD).

VERSION = 0.1.0

BUILD   = build
PREFIX  = /usr/local
DESTDIR =

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

# One job a core, unless -j is given.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

# --- compiler ---

LIBRARIES = libmicrohttpd jansson sqlite3 zlib libbrotlienc gumbo icu-uc icu-i18n libcurl libxxhash

# What is asked of another program is asked once, and only when something is compiled: on a bare machine neither
# pkg-config nor a compiler is there until `make deps` has run.
once = $(eval $(1) := $(2))$($(1))
has  = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo "$(1)")
pkg  = $(shell pkg-config --exists $(1) 2>/dev/null && pkg-config $(2) $(1))

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wundef
HARDENING = -fstack-protector-strong -fno-strict-overflow -fno-delete-null-pointer-checks -fPIE $(PROBED)
PROBED = $(call once,PROBED,$(call has,-fstack-clash-protection) $(call has,-fcf-protection=full) \
	$(call has,-ftrivial-auto-var-init=zero))
OPTIMISE = -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
LIBRARY_CFLAGS = $(call once,LIBRARY_CFLAGS,$(call pkg,$(LIBRARIES),--cflags))
LIBRARY_LIBS = $(call once,LIBRARY_LIBS,$(or $(call pkg,$(LIBRARIES),--libs),$(error Libraries are missing: run "make deps" first)))
TEST_LIBS = $(call once,TEST_LIBS,$(or $(call pkg,cmocka,--libs),$(error The test library is missing: run "make test-deps" first)))

CC = gcc
CFLAGS =
LDFLAGS =
SANITIZE =
CPPFLAGS = -D_GNU_SOURCE -DBROADSHEET_VERSION='"$(VERSION)"' -iquote include -iquote server
COMPILE = $(CC) -std=gnu17 -g -pthread $(if $(SANITIZE),$(SANITIZE),$(OPTIMISE)) $(WARNINGS) $(HARDENING) $(CPPFLAGS) \
	$(LIBRARY_CFLAGS) $(CFLAGS)
LINK = $(CC) -pthread -pie $(SANITIZE) -Wl,-z,relro,-z,now,-z,noexecstack $(CFLAGS) $(LDFLAGS)

# --- files ---

# All modules, unless some are named: make quick MODULES="base article"
MODULES = *

SOURCES         := $(sort $(wildcard $(MODULES:%=server/%/*.c)))
TEST_SOURCES    := $(sort $(wildcard $(MODULES:%=tests/%/test_*.c)))
SUPPORT_SOURCES := $(sort $(wildcard tests/support/*.c))
FUZZ_SOURCES    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
STATIC_FILES    := $(sort $(shell find static -type f ! -name '.*' ! -path 'static/sample/*.ndjson'))
STATIC_FOLDERS  := $(shell find static -type d)
MIGRATION_FILES := $(sort $(wildcard migrations/sqlite/*.sql))

OBJECTS         = $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/embedded/static.o $(BUILD)/embedded/migrations.o
TEST_PROGRAMS   = $(TEST_SOURCES:%.c=$(BUILD)/%)
SUPPORT_OBJECTS = $(SUPPORT_SOURCES:%.c=$(BUILD)/%.o)
LIBRARY         = $(BUILD)/libbroadsheet.a

# --- building ---

all: $(BUILD)/broadsheet    ## build build/broadsheet

lib: $(LIBRARY)

tests: $(TEST_PROGRAMS)

$(BUILD)/broadsheet: $(BUILD)/server/main.o $(LIBRARY)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBRARY_LIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	@ar rcs $@ $(OBJECTS)

$(BUILD)/libsupport.a: $(SUPPORT_OBJECTS)
	@rm -f $@
	@ar rcs $@ $(SUPPORT_OBJECTS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libsupport.a $(LIBRARY)
	@$(LINK) -o $@ $^ $(TEST_LIBS) $(LIBRARY_LIBS)

$(BUILD)/tests/%.o: CPPFLAGS += -iquote tests/support -iquote .

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(COMPILE) -MMD -MP -c -o $@ $<

# Everything is compiled anew when compiler or flags change, and only then.
$(BUILD)/flags: always
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(COMPILE))' >$@.new
	@if cmp -s $@ $@.new; then rm -f $@.new; else mv $@.new $@; fi

# Files that are built into the program. The folders are named too, so that a file taken away is noticed.
$(BUILD)/embedded/static.c: server/embed.sh $(STATIC_FILES) $(STATIC_FOLDERS)
	@mkdir -p $(@D)
	@sh server/embed.sh embedded_static_files static/ $(STATIC_FILES) >$@

$(BUILD)/embedded/migrations.c: server/embed.sh $(MIGRATION_FILES) migrations/sqlite
	@mkdir -p $(@D)
	@sh server/embed.sh embedded_migrations migrations/sqlite/ $(MIGRATION_FILES) >$@

$(BUILD)/embedded/%.o: $(BUILD)/embedded/%.c $(BUILD)/flags
	@$(COMPILE) -c -o $@ $<

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

.PHONY: all lib tests always
