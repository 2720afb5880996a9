/* SPDX-License-Identifier: MIT */
/*
 * What happens when the system has no memory left: the process says so and aborts, and whoever watches over it starts it anew. All inputs are bounded long
 * before that.
 */
#ifndef BROADSHEET_MEMORY_H
#define BROADSHEET_MEMORY_H

/* Says so on standard error and aborts. */
_Noreturn void memory_exhausted(void);

/* From now on the same holds for what Jansson and ICU ask for, who would go on with less. At the start of the process, before either is used. */
void memory_guard_libraries(void);

#endif
