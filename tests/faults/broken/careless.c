/* SPDX-License-Identifier: MIT */
/*
 * The program with a fault put in, which tests of faults must find: it goes on when Jansson or ICU have no memory. Linked with
 * --wrap=memory_guard_libraries.
 */
#include "memory.h"

void __wrap_memory_guard_libraries(void);

void __wrap_memory_guard_libraries(void)
{
}
