/* SPDX-License-Identifier: MIT */
/*
 * Content codings: which one a client gets, and the coding itself.
 *
 * compression_choose() reads Accept-Encoding as RFC 9110 12.5.3 has it: a list of codings with weights, "*" for those not
 * named. The highest weight wins; among equals br before gzip before identity, since text shrinks most that way. A
 * client that forbids identity and everything we have gets identity all the same: RFC 9110 allows 406 or an answer as
 * it is, and the answer is of more use. A field that cannot be read is as good as none.
 *
 * Only text is coded (JSON, HTML, XML, CSS, scripts, SVG), and only from 1 KiB on: below that the coded reply is hardly
 * smaller than its headers. A coding is done with little effort for whoever waits for it, and with much for a reply that is kept and
 * asked for again. Level and window of each are fixed, so one body has one coded form at each effort, and the ETag names it.
 *
 * A body that is made while it is sent is coded by gzip, piece by piece, each piece so that it can be read by itself: in 72 KiB of memory, however long it
 * becomes. Event streams are not coded.
 *
 * Running out of memory aborts, as in arena.h. There is no Range.
 */
#include "http_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <brotli/encode.h>
#include <zlib.h>

#include "memory.h"

enum { SMALLEST_BODY = 1024, BROTLI_WINDOW = 19 };

static const int gzip_levels[] = { [EFFORT_QUICK] = 1, [EFFORT_THOROUGH] = 9 };
static const int brotli_qualities[] = { [EFFORT_QUICK] = 1, [EFFORT_THOROUGH] = 9 };

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t end_length = strlen(end);

	return length >= end_length && strncasecmp(text + length - end_length, end, end_length) == 0;
}

bool compression_suits(const char *content_type)
{
	size_t length = strcspn(content_type, "; \t");

	return strncasecmp(content_type, "text/", 5) == 0 || ends_with(content_type, length, "/json")
	    || ends_with(content_type, length, "+json") || ends_with(content_type, length, "/xml")
	    || ends_with(content_type, length, "+xml") || ends_with(content_type, length, "/javascript")
	    || ends_with(content_type, length, "/x-ndjson");
}

/* A weight in thousandths (RFC 9110 12.4.2), or -1. */
static int parse_weight(const char *text, size_t length)
{
	int weight, scale = 100;

	if (length == 0 || length > 5 || (text[0] != '0' && text[0] != '1') || (length > 1 && text[1] != '.'))
		return -1;
	weight = (text[0] - '0') * 1000;
	for (size_t i = 2; i < length; i++, scale /= 10) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		weight += (text[i] - '0') * scale;
	}
	return weight <= 1000 ? weight : -1;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* One element "coding;q=0.5" up to a comma or the end. False when it is not one. */
static bool parse_element(const char **at, const char **ret_name, size_t *ret_length, int *ret_weight)
{
	const char *name = *at;
	size_t length = strcspn(name, " \t;,");
	int weight = 1000;

	*at = skip_blanks(name + length);
	if (**at == ';') {
		size_t weight_length;

		*at = skip_blanks(*at + 1);
		if (strncasecmp(*at, "q=", 2) != 0)
			return false;
		*at += 2;
		weight_length = strcspn(*at, " \t,");
		weight = parse_weight(*at, weight_length);
		*at = skip_blanks(*at + weight_length);
	}
	*ret_name = name;
	*ret_length = length;
	*ret_weight = weight;
	return length > 0 && weight >= 0 && (**at == ',' || **at == '\0');
}

static bool is_name(const char *name, size_t length, const char *wanted)
{
	return strlen(wanted) == length && strncasecmp(name, wanted, length) == 0;
}

struct weights {
	int brotli, gzip, identity;
};

static bool read_weights(const char *accept_encoding, struct weights *ret_weights)
{
	int brotli = -1, gzip = -1, identity = -1, others = -1;
	const char *at = accept_encoding == NULL ? "" : skip_blanks(accept_encoding), *name;
	size_t length;
	int weight;

	while (*at != '\0') {
		if (*at == ',') {    /* empty elements are allowed, RFC 9110 5.6.1.2 */
			at = skip_blanks(at + 1);
			continue;
		}
		if (!parse_element(&at, &name, &length, &weight))
			return false;
		if (is_name(name, length, "br"))
			brotli = weight;
		else if (is_name(name, length, "gzip") || is_name(name, length, "x-gzip"))
			gzip = weight;
		else if (is_name(name, length, "identity"))
			identity = weight;
		else if (is_name(name, length, "*"))
			others = weight;
	}

	ret_weights->brotli = brotli >= 0 ? brotli : others >= 0 ? others : 0;
	ret_weights->gzip = gzip >= 0 ? gzip : others >= 0 ? others : 0;
	ret_weights->identity = identity >= 0 ? identity : 0;    /* not named, it is acceptable, but after what is named */
	return true;
}

bool compression_takes_gzip(const char *accept_encoding)
{
	struct weights weights;

	return read_weights(accept_encoding, &weights) && weights.gzip > 0 && weights.gzip >= weights.identity;
}

enum coding compression_choose(const char *accept_encoding)
{
	struct weights weights;

	if (!read_weights(accept_encoding, &weights))
		return CODING_IDENTITY;
	if (weights.brotli > 0 && weights.brotli >= weights.gzip && weights.brotli >= weights.identity)
		return CODING_BROTLI;
	return weights.gzip > 0 && weights.gzip >= weights.identity ? CODING_GZIP : CODING_IDENTITY;
}

bool compression_suits_response(const struct response *response)
{
	return response->body.length >= SMALLEST_BODY && compression_suits(response->content_type)
	    && response_header_value(response, "Content-Encoding") == NULL;
}

enum coding compression_for(const struct request *request, const struct response *response)
{
	return compression_suits_response(response) ? compression_choose(request_header(request, "Accept-Encoding")) : CODING_IDENTITY;
}

const char *compression_name(enum coding coding)
{
	return coding == CODING_BROTLI ? "br" : "gzip";
}

static void gzip(const char *bytes, size_t length, enum effort effort, struct text *ret_coded)
{
	z_stream stream = { 0 };
	size_t bound;
	int result;

	if (deflateInit2(&stream, gzip_levels[effort], Z_DEFLATED, /* windowBits, with gzip's frame= */ 15 + 16,
		/* memLevel= */ 8, Z_DEFAULT_STRATEGY)
	    != Z_OK)
		memory_exhausted();
	bound = deflateBound(&stream, length);
	text_reserve(ret_coded, bound);
	stream.next_in = (Bytef *)(uintptr_t)bytes;
	stream.avail_in = (uInt)length;
	stream.next_out = (Bytef *)ret_coded->bytes;
	stream.avail_out = (uInt)bound;
	result = deflate(&stream, Z_FINISH);
	assert(result == Z_STREAM_END);
	(void)result;
	ret_coded->length = stream.total_out;
	deflateEnd(&stream);
}

static void brotli(const char *bytes, size_t length, enum effort effort, struct text *ret_coded)
{
	size_t coded_length = BrotliEncoderMaxCompressedSize(length);

	text_reserve(ret_coded, coded_length);
	if (!BrotliEncoderCompress(brotli_qualities[effort], BROTLI_WINDOW, BROTLI_MODE_TEXT, length, (const uint8_t *)bytes,
	        &coded_length, (uint8_t *)ret_coded->bytes))
		memory_exhausted();
	ret_coded->length = coded_length;
}

void compression_code(const char *bytes, size_t length, enum coding coding, enum effort effort, struct text *ret_coded)
{
	assert(length < UINT32_MAX / 2);
	if (coding == CODING_BROTLI)
		brotli(bytes, length, effort, ret_coded);
	else
		gzip(bytes, length, effort, ret_coded);
	ret_coded->bytes[ret_coded->length] = '\0';
}

/* --- long bodies --- */

struct long_coding {
	z_stream stream;
};

enum { LONG_WINDOW_BITS = 13, LONG_MEMORY_LEVEL = 6, LONG_STEP = 16 << 10 };

struct long_coding *long_coding_new(void)
{
	struct long_coding *coding = calloc(1, sizeof *coding);

	if (coding == NULL
	    || deflateInit2(&coding->stream, gzip_levels[EFFORT_QUICK], Z_DEFLATED, LONG_WINDOW_BITS + 16, LONG_MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		memory_exhausted();
	return coding;
}

void long_coding_free(struct long_coding *coding)
{
	if (coding != NULL)
		deflateEnd(&coding->stream);
	free(coding);
}

void long_coding_add(struct long_coding *coding, const struct text *piece, bool is_last, struct text *ret_coded)
{
	z_stream *stream = &coding->stream;

	stream->next_in = (Bytef *)piece->bytes;
	stream->avail_in = (uInt)piece->length;
	do {
		text_reserve(ret_coded, LONG_STEP);
		stream->next_out = (Bytef *)ret_coded->bytes + ret_coded->length;
		stream->avail_out = LONG_STEP;
		deflate(stream, is_last ? Z_FINISH : Z_SYNC_FLUSH);
		ret_coded->length += LONG_STEP - stream->avail_out;
	} while (stream->avail_out == 0);
	ret_coded->bytes[ret_coded->length] = '\0';
}

const char *http_libraries(void)
{
	static char versions[64];

	snprintf(versions, sizeof versions, "brotli %x zlib %s", (unsigned)BrotliEncoderVersion(), zlibVersion());
	return versions;
}

void compression_apply(struct response *response, enum coding coding)
{
	struct text coded = TEXT_EMPTY;

	if (coding == CODING_IDENTITY || response->status == 304)
		return;
	compression_code(response->body.bytes, response->body.length, coding, EFFORT_QUICK, &coded);
	text_done(&response->body);
	response->body = coded;
	response_header(response, "Content-Encoding", "%s", compression_name(coding));
}
