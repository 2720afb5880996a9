/* SPDX-License-Identifier: MIT */
/* What is asked of a server while an allocation fails, and how an answer is known to be right. */
#ifndef OOM_SCENARIOS_H
#define OOM_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

enum { OOM_HELD_MOST = 8 };

/* In all of it @ stands for the number of the run, and ' for ". */
struct oom_scenario {
	const char *name, *method, *target, *headers, *body;
	long status;                  /* of an answer as it must be */
	const char *first;            /* sent before, undisturbed, to POST /v1/articles */
	const char *proof;            /* NULL: a reader's question. Otherwise what to ask for after an acknowledgement… */
	const char *held[OOM_HELD_MOST];  /* … and what must be in the answer */
	bool stays;                   /* the proof holds for ever */
	bool is_cold;                 /* asked of a server that has answered nothing yet */
};

extern const struct oom_scenario oom_scenarios[];
extern const size_t n_oom_scenarios;

#endif
