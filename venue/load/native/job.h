/* What is to be done, read from stdin, and what came of it, written to stdout.
 *
 * venue/load/native_client.py writes the one and reads the other: they have to agree. */
#ifndef JOB_H
#define JOB_H

#include "session.h"

/* rate: messages a second in all, or 0: closed loop, in_flight of each session. */
typedef struct {
    int64_t rate, in_flight, measured_ns, warm_up_ns;
} run;

typedef struct {
    const char *host, *port;
    int64_t answer_ns, session_count, run_count;
    plan plan;
    session *sessions;
    run *runs;
} job;

/* What a run has measured; counts of the measured time, but for those of the whole run. */
typedef struct {
    int64_t seconds_ns, sent, answered, fills, cpu_ns;
    int64_t answered_in_all, unanswered, resend_requests, is_ended_early;
} outcome;

void read_job(job *into);
void write_outcome(const outcome *of, const tally *counted);

#endif
