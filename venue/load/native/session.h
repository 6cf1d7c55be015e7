/* One FIX session under load: requests out, reports in, both in order. Knows no socket.
 *
 * Does not know when anything is due. Ends the program by one line when the session cannot go on. */
#ifndef SESSION_H
#define SESSION_H

#include "flow.h"
#include "tally.h"
#include "wire.h"

typedef struct {
    const char *comp_id, *password;
    int fd;
    bool is_logged_on, is_leaving, is_logged_out, awaits_room;
    int64_t heartbeat_seconds, next_out, next_in, sent_ns;
    buffer in, out, content, body;
    flow flow;
    tally *tally;
} session;

/* The session's own buffer for a body, empty; one of its fields, ended by SOH. */
buffer *new_body(session *of);
void put_whole_field(buffer *body, const char *tag, text value);

/* Put a message with the next MsgSeqNum into the outgoing bytes. */
void put_message(session *of, const char *msg_type, const buffer *body, int64_t at_ns);

/* Put the flow's next request. */
void send_request(session *of, int64_t due_ns, int64_t at_ns);

/* Put a Heartbeat when nothing else was sent for long. */
void keep_alive(session *of, int64_t at_ns);

/* Take a message that has come: MsgSeqNum has to be the next, and each request answered once. */
void take_message(session *of, const message *came, int64_t at_ns);

/* Count what is unanswered with the time that it has waited: it would have taken longer. */
void give_up(session *of, int64_t at_ns);

#endif
