#include "flow.h"

#include "wire.h"

#include <stdlib.h>

enum { WORDS = 624, SHIFT = 397, FIRST_ROOM = 1024, NONE = 0 };

static void twist(twister *of) {
    for (int at = 0; at < WORDS; at++) {
        uint32_t *word = &of->words[at], next = of->words[(at + 1) % WORDS];
        uint32_t mixed = (*word & 0x80000000u) | (next & 0x7FFFFFFFu);
        *word = of->words[(at + SHIFT) % WORDS] ^ (mixed >> 1) ^ (mixed & 1 ? 0x9908B0DFu : 0);
    }
    of->at = 0;
}

static uint32_t next_word(twister *of) {
    if (of->at >= WORDS)
        twist(of);
    uint32_t word = of->words[of->at++];
    word ^= word >> 11;
    word ^= word << 7 & 0x9D2C5680u;
    word ^= word << 15 & 0xEFC60000u;
    return word ^ word >> 18;
}

/* 0 <= x < 1 with 53 bits, as random.random() makes it of two words. */
static double random_share(twister *of) {
    double high = next_word(of) >> 5, low = next_word(of) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

static int64_t random_below(twister *of, int64_t count) {
    return (int64_t)(random_share(of) * (double)count);
}

void begin_flow(flow *new_flow, const plan *plan, twister *random) {
    new_flow->plan = plan;
    new_flow->random = random;
    new_flow->first = new_flow->next = 1;
    new_flow->room = new_flow->oldest_room = FIRST_ROOM;
    new_flow->requests = allocate(FIRST_ROOM, sizeof(request));
    new_flow->oldest = allocate(FIRST_ROOM, sizeof(int64_t));
}

static request *slot(const flow *of, int64_t number) {
    return &of->requests[number & (of->room - 1)];
}

request *request_at(const flow *of, int64_t number) {
    return number < of->first ? NULL : slot(of, number);
}

/* A slot for the next request: the oldest that nobody waits for make room, else there is more. */
static request *new_slot(flow *of) {
    while (of->first < of->next && !slot(of, of->first)->is_pending && !slot(of, of->first)->is_open)
        of->first++;
    if (of->next - of->first == of->room) {
        request *more = allocate((size_t)of->room * 2, sizeof(request));
        for (int64_t number = of->first; number < of->next; number++)
            more[number & (of->room * 2 - 1)] = *slot(of, number);
        free(of->requests);
        of->requests = more;
        of->room *= 2;
    }
    return slot(of, of->next);
}

/* The oldest order that is open and has no request under way, or NONE; it has one from now on. */
static int64_t take_oldest(flow *of) {
    while (of->oldest_begin < of->oldest_end) {
        int64_t number = of->oldest[of->oldest_begin++ & (of->oldest_room - 1)];
        request *order = request_at(of, number);
        if (order != NULL && order->is_open) {
            order->is_open = false;
            return number;
        }
    }
    return NONE;
}

static void put_cl_ord_id(buffer *body, const flow *of, const char *tag, int64_t number) {
    put_words(body, tag);
    put_text(body, of->plan->prefix);
    put_number(body, number);
}

static void put_field(buffer *body, const char *tag, text value) {
    put_words(body, tag);
    put_text(body, value);
}

/* What every request has behind its ClOrdIDs, but for prices. */
static void put_order(buffer *body, const quote *of, int side) {
    put_field(body, "\00155=", of->symbol);
    put_words(body, side ? "\00154=2" : "\00154=1");
    put_field(body, "\00138=", of->quantity);
}

char next_request(flow *of, int64_t due_ns, buffer *body) {
    const plan *plan = of->plan;
    twister *random = of->random;
    request *made = new_slot(of);
    int64_t number = of->next++, orig = NONE;
    double kind = random_share(random);
    text price = {0};
    if (kind >= (double)plan->new_percent / 100)
        orig = take_oldest(of);
    *made = (request){.due_ns = due_ns, .is_pending = true, .is_order = true};
    of->pending++;
    if (orig != NONE) {
        const request *order = slot(of, orig);
        made->quote = order->quote;
        made->side = order->side;
        made->is_order = kind >= (double)(plan->new_percent + plan->cancel_percent) / 100;
        if (made->is_order)
            price = plan->quotes[made->quote].resting[made->side][random_below(random, plan->levels)];
    } else {
        made->quote = (uint32_t)random_below(random, plan->quote_count);
        made->side = random_share(random) < 0.5;
        const quote *quote = &plan->quotes[made->quote];
        bool crosses = random_share(random) < (double)plan->cross_percent / 100;
        price = crosses ? quote->crossing[made->side]
                        : quote->resting[made->side][random_below(random, plan->levels)];
    }
    put_cl_ord_id(body, of, "11=", number);
    if (orig != NONE)
        put_cl_ord_id(body, of, "\00141=", orig);
    put_order(body, &plan->quotes[made->quote], made->side);
    if (made->is_order)
        put_field(body, "\00140=2\00144=", price);
    put_field(body, "\00160=", plan->transact_time);
    put(body, "\001", 1);
    return orig == NONE ? 'D' : made->is_order ? 'G' : 'F';
}

int64_t number_of_request(const flow *of, text cl_ord_id) {
    text prefix = of->plan->prefix;
    if (!starts_with(cl_ord_id, prefix))
        return OTHER_RUN;
    text digits = {cl_ord_id.at + prefix.length, cl_ord_id.length - prefix.length};
    int64_t number = number_of(digits);
    return number >= 1 && number < of->next ? number : NEVER_SENT;
}

void answered(flow *of, int64_t number, bool by_order) {
    request *made = slot(of, number);
    made->is_pending = false;
    of->pending--;
    if (!by_order || !made->is_order)
        return;
    made->is_open = true;
    if (of->oldest_end - of->oldest_begin == of->oldest_room) {
        int64_t *more = allocate((size_t)of->oldest_room * 2, sizeof(int64_t));
        for (int64_t at = of->oldest_begin; at < of->oldest_end; at++)
            more[at & (of->oldest_room * 2 - 1)] = of->oldest[at & (of->oldest_room - 1)];
        free(of->oldest);
        of->oldest = more;
        of->oldest_room *= 2;
    }
    of->oldest[of->oldest_end++ & (of->oldest_room - 1)] = number;
}

void filled(flow *of, int64_t number) {
    request *order = request_at(of, number);
    if (order != NULL)
        order->is_open = false;
}
