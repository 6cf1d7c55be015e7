/* One session's requests: which comes next, and which of its orders it can still cancel or replace.
 *
 * The same as venue/load/flow.py, which has the rules: from the same seed and the same answers come
 * the same bytes. */
#ifndef FLOW_H
#define FLOW_H

#include "base.h"

/* An instrument: prices of each side (0 bid, 1 offer) outwards, and one that trades for sure. */
typedef struct {
    text symbol, quantity;
    text *resting[2], crossing[2];
} quote;

/* What all sessions of a run have in common. Percent of the messages; cross: of the new orders. */
typedef struct {
    quote *quotes;
    int64_t quote_count, levels, new_percent, cancel_percent, cross_percent;
    text prefix, transact_time;
} plan;

/* A Mersenne Twister in the state that Python's random has it. */
typedef struct {
    uint32_t words[624];
    int64_t at;
} twister;

/* A request: when it was due, and the order that it leads to. */
typedef struct {
    int64_t due_ns;
    uint32_t quote;
    uint8_t side;
    bool is_order, is_pending, is_open;
} request;

/* Requests first to next - 1 are kept, each at its number modulo `room`, a power of two. */
typedef struct {
    const plan *plan;
    twister *random; /* apart: a session is looked at more often than it draws */
    request *requests;
    int64_t first, next, room, pending;
    int64_t *oldest; /* open orders, oldest first, with some that are open no more */
    int64_t oldest_begin, oldest_end, oldest_room;
} flow;

enum { OTHER_RUN = -1, NEVER_SENT = -2 };

void begin_flow(flow *new_flow, const plan *plan, twister *random);

/* Put the body of the next request and give its MsgType. */
char next_request(flow *of, int64_t due_ns, buffer *body);

/* Number of the request with this ClOrdID, or OTHER_RUN, or NEVER_SENT. */
int64_t number_of_request(const flow *of, text cl_ord_id);

/* The request with a number, NULL when it is answered and its order is open no more. */
request *request_at(const flow *of, int64_t number);

/* The request is answered; by_order: its order is open now, if it leads to one. */
void answered(flow *of, int64_t number, bool by_order);

/* The order is open no more. */
void filled(flow *of, int64_t number);

#endif
