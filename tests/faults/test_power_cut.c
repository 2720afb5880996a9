/* SPDX-License-Identifier: MIT */
/*
 * R2 and R3: the power goes at any moment under four writers. Once, a server runs under a recorder (recorder.c), and with each acknowledgement is noted how
 * far the record had come. From the record many states are laid out that the disk might hold after a cut (tests/support/cut_disk.c), each opened as
 * the server opens its database: it opens, every write acknowledged before the cut is there with at least its rev, and no article is half there. Every
 * so manyth state, and every one in which little is otherwise seen, is read as a whole, as `broadsheet check` does.
 *
 * Whoever opens a database first after a cut recovers it, a reader as well as a writer. Most states are opened by a reader, which leaves the WAL as it is;
 * those that are read as a whole by a writer, which copies it back in the end.
 *
 * The same record with syncs left out shows that the test would notice: without those of COMMITs (synchronous=NORMAL) acknowledged writes are lost, though
 * nothing is corrupt; without any (OFF) there are databases that are.
 *
 * STATES sets the number of states; 2,000, and 100,000 in `make torture`. SEED draws others.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "clock.h"
#include "cut_disk.h"
#include "fault_server.h"
#include "scratch.h"
#include "store/store_internal.h"
#include "writers.h"

enum { WRITERS = 4, WRITES_SHORT = 600, WRITES_LONG = 1500, ERASURES_MOST = 8, ERASURE_EVERY = 30, JUDGES = 2, WHOLE_EVERY = 20, CONTROL_STATES = 200 };
enum { NOTES_MOST = 6000, IDS_MOST = 6000, ERASED_FROM = 1000000, PATIENCE_US = 60000000 };

/* What a client knows: from this length of the record on, the article stands at this rev or a later one. */
struct note {
	uint64_t position;
	int64_t id, rev;
};

static struct scratch scratch;
static char database[96], before[96], record_path[96];
static struct note notes[NOTES_MOST];
static atomic_size_t n_notes;
static struct cut_record *record;

/* The disk of this process is not the one that is tried: SQLite in it need not wait. */
int fsync(int file)
{
	(void)file;
	return 0;
}

int fdatasync(int file)
{
	(void)file;
	return 0;
}

/* --- recording --- */

static void note(const struct known *item)
{
	struct stat about;
	size_t n;

	if (stat(record_path, &about) != 0)
		abort();
	n = atomic_fetch_add(&n_notes, 1);
	if (n < NOTES_MOST)
		notes[n] = (struct note){ (uint64_t)about.st_size, item->id, item->rev };
}

static void start_recorded(struct child *child)
{
	setenv("RECORD", record_path, 1);
	setenv("RECORDED", database, 1);
	child_preload("recorder.so");
	child_start(child, ARGUMENTS("serve", "--database", database, "--listen", "127.0.0.1:0", "--admin-listen", "none"), NULL);
	child_preload(NULL);
	if (!child_wait_for(child, "serves"))
		fail_msg("the server does not start: %s", child->err.bytes);
}

/* An erasure empties the WAL and cuts it off, which otherwise only a stop does. */
static void erase_one(struct client *client, int number)
{
	struct known item = { .rev = 0 };
	struct reply reply;
	char target[80];

	writer_send_creation(client, number, &reply);
	item.id = json_integer_value(reply_member(&reply, "data.id"));
	reply_done(&reply);
	snprintf(target, sizeof target, "/v1/articles/%" PRId64 "?erase=true", item.id);
	client_ask(client, "DELETE", target, NULL, NULL, &reply);
	item.rev = json_integer_value(reply_member(&reply, "data.rev"));
	if (reply.status != 200 || item.rev < 2)
		fail_msg("no erasure: %ld %s", reply.status, reply.body.length > 0 ? reply.body.bytes : "");
	reply_done(&reply);
	note(&item);
}

/* The first writes with erasures in between, then as many as it takes for the WAL to be copied back for its length, and to begin anew. */
static void write_enough(const char *socket, size_t enough)
{
	struct client *client = client_new("http://localhost", socket);
	const int64_t patience = clock_monotonic_us() + PATIENCE_US;

	for (int n = 0; atomic_load(&n_notes) < enough && clock_monotonic_us() < patience;) {
		if (n < ERASURES_MOST && atomic_load(&n_notes) >= (size_t)(n + 1) * ERASURE_EVERY)
			erase_one(client, ERASED_FROM + n++);
		else
			sched_yield();
	}
	client_free(client);
}

static void copy_file(const char *from, const char *to)
{
	const int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct stat about;

	if (in < 0 || out < 0 || fstat(in, &about) != 0 || sendfile(out, in, NULL, (size_t)about.st_size) != about.st_size)
		abort();
	close(in);
	close(out);
}

static void record_writers(void)
{
	static struct writer writers[WRITERS];
	const size_t enough = fault_is_long() ? WRITES_LONG : WRITES_SHORT;
	struct child child;
	char socket[104];

	expect_run(ARGUMENTS("migrate", "--database", database), NULL, 0, NULL, "");
	copy_file(database, before);
	start_recorded(&child);
	snprintf(socket, sizeof socket, "%s.sock", database);
	for (int w = 0; w < WRITERS; w++)
		writer_start(&writers[w], w, socket, (uint64_t)w + 1, note);
	write_enough(socket, enough);
	child_done(&child);
	for (int w = 0; w < WRITERS; w++)
		pthread_join(writers[w].thread, NULL);
	record = cut_record_open(record_path);
	assert_in_range(atomic_load(&n_notes), enough, NOTES_MOST - 1);
}

/* --- judging --- */

struct judge {
	pthread_t thread;
	enum cut_syncs syncs;
	uint64_t seed;
	size_t n, first, after;       /* states to lay out, and the moments among which to draw */
	char path[96];
	bool stops;                   /* when one is corrupt */
	size_t n_laid, n_whole, n_lost, n_corrupt;
	struct text finding;          /* the first that makes a database corrupt */
};

static void find(void *arg, const char *words)
{
	struct judge *judge = arg;

	if (judge->finding.length == 0)
		text_string(&judge->finding, words);
}

/* How many acknowledged writes are not there; -1: it cannot be read. */
static int count_lost(struct store *store, uint64_t position, struct error *err)
{
	static const char sql[] = "SELECT article_id, rev FROM article";
	int64_t revs[IDS_MOST] = { 0 };
	struct statement *rows = store_statement(store, sql);
	int lost = 0;

	while (statement_next(rows, err))
		if (statement_integer(rows, 0) < IDS_MOST)
			revs[statement_integer(rows, 0)] = statement_integer(rows, 1);
	statement_done(rows);
	for (size_t i = 0; i < atomic_load(&n_notes); i++)
		lost += notes[i].position <= position && notes[i].rev > revs[notes[i].id];
	return err->code == ERROR_NONE ? lost : -1;
}

/* Articles of which log, document, listings and counts do not say the same. Cheap enough for every state. */
static const char half_there[] =
    "SELECT article_id FROM article AS a WHERE NOT EXISTS (SELECT 1 FROM article_document AS d WHERE d.article_id = a.article_id AND length(document) > 0)"
    " OR NOT EXISTS (SELECT 1 FROM article_version WHERE kind = 'article' AND ref = a.article_id AND rev = a.rev AND seq = a.seq)"
    " OR (status = 'published') <> EXISTS (SELECT 1 FROM article_term WHERE term_id = a.section_id AND published_at = a.published_at AND article_id = a.article_id)"
    " UNION ALL SELECT ref FROM article_version LEFT JOIN article ON article_id = ref WHERE kind = 'article' GROUP BY ref HAVING max(article_version.rev) IS NOT article.rev"
    " UNION ALL SELECT count(*) FROM article WHERE status = 'published' HAVING count(*) <> coalesce((SELECT n FROM article_count WHERE kind = 'all'), 0)";

static bool is_whole(struct judge *judge, struct store *store, bool thoroughly, struct error *err)
{
	struct statement *halves = store_statement(store, half_there);
	const bool found = statement_next(halves, err);
	int n = 0;

	if (found)
		find(judge, "an article is half there");
	statement_done(halves);
	if (!found && err->code == ERROR_NONE && thoroughly) {
		judge->n_whole++;
		n = store_check(store, find, judge, err);
	}
	return !found && n == 0 && err->code == ERROR_NONE;
}

static void judge_state(struct judge *judge, uint64_t position, bool thoroughly)
{
	struct error err = { .code = ERROR_NONE };
	struct store *store = NULL;
	char shared[104];
	int lost = 0;
	bool fine;

	snprintf(shared, sizeof shared, "%s-shm", judge->path);
	unlink(shared);
	fine = store_open(judge->path, thoroughly ? STORE_WRITE : STORE_READ, &store, &err) && (lost = count_lost(store, position, &err)) >= 0 && is_whole(judge, store, thoroughly, &err);
	store_close(store);
	judge->n_corrupt += !fine;
	judge->n_lost += lost > 0;
	if (err.code != ERROR_NONE)
		find(judge, err.detail);
}

/* Moments spread evenly over its part of the record, each a little off by chance. */
static void *judge_states(void *arg)
{
	struct judge *judge = arg;
	struct cut_disk *disk = cut_disk_new(record, judge->syncs, before);
	struct test_random random = { judge->seed };

	for (size_t i = 0; i < judge->n && !(judge->stops && judge->n_corrupt > 0); i++) {
		const size_t span = judge->after - judge->first, from = judge->first + span * i / judge->n, to = judge->first + span * (i + 1) / judge->n;
		const size_t moment = from + (to > from ? test_random(&random, to - from) : 0);

		cut_disk_advance(disk, moment);
		cut_disk_lay(disk, &random, judge->path);
		judge_state(judge, cut_record_position(record, moment), judge->syncs == CUT_SYNCS_NONE || i % WHOLE_EVERY == 0);
		judge->n_laid++;
	}
	cut_disk_free(disk);
	return NULL;
}

/* The states are many small writes: where there is a file system in memory they go there. */
static void place(struct scratch *states)
{
	*states = (struct scratch){ .folder = "/dev/shm/broadsheet-cut-XXXXXX" };
	if (mkdtemp(states->folder) == NULL)
		scratch_make(states);
}

static struct judge judge_all(enum cut_syncs syncs, size_t n_states, bool stops)
{
	const char *seed = getenv("SEED");
	struct judge judges[JUDGES], all = { .n = 0 };
	struct scratch states;

	place(&states);
	for (size_t i = 0; i < JUDGES; i++) {
		judges[i] = (struct judge){ .syncs = syncs, .n = n_states / JUDGES, .stops = stops, .seed = (seed != NULL ? strtoull(seed, NULL, 10) : 1) * JUDGES + i };
		judges[i].first = cut_record_count(record) * i / JUDGES;
		judges[i].after = cut_record_count(record) * (i + 1) / JUDGES + (i == JUDGES - 1);
		snprintf(judges[i].path, sizeof judges[i].path, "%s/%zu.db", states.folder, i);
		pthread_create(&judges[i].thread, NULL, judge_states, &judges[i]);
	}
	for (size_t i = 0; i < JUDGES; i++) {
		pthread_join(judges[i].thread, NULL);
		all.n_laid += judges[i].n_laid;
		all.n_whole += judges[i].n_whole;
		all.n_lost += judges[i].n_lost;
		all.n_corrupt += judges[i].n_corrupt;
		if (all.finding.length == 0)
			text_append(&all.finding, judges[i].finding.bytes, judges[i].finding.length);
		text_done(&judges[i].finding);
	}
	scratch_remove(&states);
	return all;
}

/* --- the tests --- */

static void print_judgement(const char *what, const struct judge *all)
{
	print_message("%s: %zu states, %zu read as a whole; %zu lost acknowledged writes, %zu corrupt%s%s\n", what, all->n_laid, all->n_whole, all->n_lost, all->n_corrupt,
	    all->finding.length > 0 ? "; first: " : "", all->finding.length > 0 ? all->finding.bytes : "");
}

static void test_nothing_is_lost(void **state)
{
	const char *states = getenv("STATES");
	const size_t n = states != NULL ? strtoul(states, NULL, 10) : fault_is_long() ? 100000 : 2000;
	struct judge all;

	(void)state;
	print_message("%zu acknowledged writes, %zu records\n", atomic_load(&n_notes), cut_record_count(record));
	all = judge_all(CUT_SYNCS_ALL, n, false);
	print_judgement("power cuts", &all);
	text_done(&all.finding);
	assert_int_equal(all.n_laid, n / JUDGES * JUDGES);
	assert_int_equal(all.n_lost, 0);
	assert_int_equal(all.n_corrupt, 0);
}

static void test_commits_that_do_not_sync_are_found_out(void **state)
{
	struct judge all = judge_all(CUT_SYNCS_NORMAL, CONTROL_STATES, false);

	(void)state;
	print_judgement("without the syncs of COMMITs", &all);
	text_done(&all.finding);
	assert_true(all.n_lost > 0);
	assert_int_equal(all.n_corrupt, 0);
}

static void test_no_syncs_at_all_are_found_out(void **state)
{
	struct judge all = judge_all(CUT_SYNCS_NONE, CONTROL_STATES, true);

	(void)state;
	print_judgement("without any sync, up to the first that is corrupt", &all);
	text_done(&all.finding);
	assert_true(all.n_corrupt > 0);
}

static int set_up(void **state)
{
	(void)state;
	clock_replace(NULL);
	scratch_make(&scratch);
	snprintf(database, sizeof database, "%s/a.db", scratch.folder);
	snprintf(before, sizeof before, "%s/before.db", scratch.folder);
	snprintf(record_path, sizeof record_path, "%s/record", scratch.folder);
	record_writers();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cut_record_close(record);
	scratch_remove(&scratch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_commits_that_do_not_sync_are_found_out),
		cmocka_unit_test(test_no_syncs_at_all_are_found_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
