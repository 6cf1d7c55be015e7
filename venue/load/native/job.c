#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16, RANDOM_WORDS = 624 };

static buffer input;

static void read_input(void) {
    ssize_t came;
    while ((came = read(STDIN_FILENO, room_for(&input, READ_BYTES), READ_BYTES)) > 0)
        input.end += (size_t)came;
    if (came < 0)
        fail("the load client could not read what to do");
}

/* The next value; each is ended by a zero. */
static const char *next_words(void) {
    const char *value = input.data + input.begin;
    const char *end = waiting(&input) ? memchr(value, '\0', waiting(&input)) : NULL;
    if (end == NULL)
        fail("the load client was not told all that it has to do");
    input.begin += (size_t)(end - value) + 1;
    return value;
}

static int64_t next_number(void) { return strtoll(next_words(), NULL, 10); }

static text next_text(void) { return words(next_words()); }

static void read_plan(plan *into) {
    into->new_percent = next_number();
    into->cancel_percent = next_number();
    into->cross_percent = next_number();
    into->prefix = next_text();
    into->transact_time = next_text();
    into->quote_count = next_number();
    into->levels = next_number();
    into->quotes = allocate((size_t)into->quote_count, sizeof(quote));
    for (quote *each = into->quotes; each < into->quotes + into->quote_count; each++) {
        each->symbol = next_text();
        each->quantity = next_text();
        for (int side = 0; side < 2; side++) {
            each->resting[side] = allocate((size_t)into->levels, sizeof(text));
            for (int64_t level = 0; level < into->levels; level++)
                each->resting[side][level] = next_text();
            each->crossing[side] = next_text();
        }
    }
}

static void read_session(session *into, const plan *plan, int64_t heartbeat_seconds) {
    into->heartbeat_seconds = heartbeat_seconds;
    into->comp_id = next_words();
    into->password = next_words();
    twister *random = allocate(1, sizeof(twister));
    for (int word = 0; word < RANDOM_WORDS; word++)
        random->words[word] = (uint32_t)next_number();
    random->at = next_number();
    begin_flow(&into->flow, plan, random);
}

void read_job(job *into) {
    read_input();
    into->host = next_words();
    into->port = next_words();
    into->answer_ns = next_number();
    int64_t heartbeat_seconds = next_number();
    read_plan(&into->plan);
    into->session_count = next_number();
    into->sessions = allocate((size_t)into->session_count, sizeof(session));
    for (int64_t number = 0; number < into->session_count; number++)
        read_session(&into->sessions[number], &into->plan, heartbeat_seconds);
    into->run_count = next_number();
    into->runs = allocate((size_t)into->run_count, sizeof(run));
    for (int64_t number = 0; number < into->run_count; number++) {
        into->runs[number].rate = next_number();
        into->runs[number].in_flight = next_number();
        into->runs[number].measured_ns = next_number();
        into->runs[number].warm_up_ns = next_number();
    }
}

static void write_bytes(const void *bytes, size_t length) {
    if (fwrite(bytes, 1, length, stdout) != length)
        fail("the load client could not write what it has measured");
}

void write_outcome(const outcome *of, const tally *counted) {
    const rejects *rejects = &counted->rejects;
    write_bytes(of, sizeof *of);
    write_bytes(&counted->latency, sizeof counted->latency);
    write_bytes(&counted->late, sizeof counted->late);
    write_bytes(&rejects->kinds, sizeof rejects->kinds);
    for (int64_t kind = 0; kind < rejects->kinds; kind++) {
        write_bytes(&rejects->counts[kind], sizeof rejects->counts[kind]);
        write_bytes(rejects->reasons[kind], REASON_BYTES);
    }
    if (fflush(stdout) != 0)
        fail("the load client could not write what it has measured");
}
