/* SPDX-License-Identifier: MIT */
/*
 * When a failed delivery is tried again: ten attempts over about a day, ever further apart, then never.
 *
 * Each wait is lengthened by up to a fifth, by a number that is drawn from the row and the attempt: receivers that came back are not met by
 * everything at once, and the same row waits as long wherever it is computed.
 */
#include "webhooks.h"

#include <xxhash.h>

int64_t webhooks_delay(int64_t webhook_id, int64_t seq, int64_t attempts)
{
	static const int64_t seconds[] = { 10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600 };
	const int64_t row[] = { webhook_id, seq, attempts };
	int64_t wait;

	if (attempts < 1 || attempts > (int64_t)(sizeof seconds / sizeof *seconds))
		return 0;
	wait = seconds[attempts - 1];
	return wait + wait * (int64_t)(XXH3_64bits(row, sizeof row) % 201) / 1000;
}
