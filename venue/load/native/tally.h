/* What is counted: durations in buckets as venue/load/quantiles.py has them, and rejects by reason. */
#ifndef TALLY_H
#define TALLY_H

#include "base.h"

#include <stdio.h>

enum { BUCKET_BITS = 8, BUCKETS = (64 - BUCKET_BITS) << BUCKET_BITS };

typedef struct {
    int64_t count, most, buckets[BUCKETS];
} quantiles;

void record(quantiles *in, int64_t value);

enum { REASONS = 256, REASON_BYTES = 100 };

/* Kinds of rejects; the last is for all that are too many. */
typedef struct {
    int64_t kinds, counts[REASONS];
    char reasons[REASONS][REASON_BYTES];
} rejects;

/* By the venue's word at the head of Text(58), and the code of FIX with its tag. */
void count_reject(rejects *in, text said, const char *tag, text code);

/* What one run has counted. Of the whole run: rejects, resends and latency (of what was due while it
 * was measured); the rest goes on from run to run. */
typedef struct {
    int64_t sent, answered, fills, resend_requests, measured_from_ns;
    quantiles latency, late;
    rejects rejects;
} tally;

#endif
