#include "session.h"

#include "wire.h"

#include <inttypes.h>
#include <time.h>

/* SendingTime(52) to the millisecond; made again when that has changed. */
static text sending_time(void) {
    static char stamp[40];
    static int64_t made_second, made_ms = -1;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = now.tv_nsec / 1000000;
    if (now.tv_sec != made_second || made_ms < 0) {
        struct tm parts;
        gmtime_r(&now.tv_sec, &parts);
        strftime(stamp, sizeof stamp, "%Y%m%d-%H:%M:%S.000", &parts);
    }
    if (now.tv_sec != made_second || ms != made_ms) {
        stamp[18] = (char)('0' + ms / 100);
        stamp[19] = (char)('0' + ms / 10 % 10);
        stamp[20] = (char)('0' + ms % 10);
    }
    made_second = now.tv_sec;
    made_ms = ms;
    return words(stamp);
}

void put_message(session *of, const char *msg_type, const buffer *body, int64_t at_ns) {
    buffer *content = &of->content;
    content->begin = content->end = 0;
    put_words(content, "35=");
    put_words(content, msg_type);
    put_words(content, "\00149=");
    put_words(content, of->comp_id);
    put_words(content, "\00156=VENUE\00134=");
    put_number(content, of->next_out++);
    put_words(content, "\00152=");
    put_text(content, sending_time());
    put_words(content, "\001");
    put(content, body->data + body->begin, waiting(body));
    put_framed(&of->out, content);
    of->sent_ns = at_ns;
}

buffer *new_body(session *of) {
    room_for(&of->body, 1);
    of->body.begin = of->body.end = 0;
    return &of->body;
}

void put_whole_field(buffer *body, const char *tag, text value) {
    put_words(body, tag);
    put_text(body, value);
    put_words(body, "\001");
}

void send_request(session *of, int64_t due_ns, int64_t at_ns) {
    buffer *body = new_body(of);
    char msg_type[] = {next_request(&of->flow, due_ns, body), '\0'};
    put_message(of, msg_type, body, at_ns);
    of->tally->sent++;
}

void keep_alive(session *of, int64_t at_ns) {
    if (at_ns - of->sent_ns > of->heartbeat_seconds * NS_PER_SECOND / 10 * 8)
        put_message(of, "0", new_body(of), at_ns);
}

void give_up(session *of, int64_t at_ns) {
    for (int64_t number = of->flow.first; number < of->flow.next; number++) {
        const request *made = request_at(&of->flow, number);
        if (made->is_pending && made->due_ns >= of->tally->measured_from_ns)
            record(&of->tally->latency, at_ns - made->due_ns);
    }
}

/* A request is answered, unless the ClOrdID is another run's, or it was before (an order that is
 * canceled later by itself); `once` is a report that cannot come again. */
static void take_answer(session *of, text cl_ord_id, bool by_order, bool once, int64_t at_ns) {
    int64_t number = number_of_request(&of->flow, cl_ord_id);
    if (number == OTHER_RUN)
        return;
    if (number == NEVER_SENT)
        fail("%s: a report of ClOrdID %.*s, which was never sent", of->comp_id,
             (int)cl_ord_id.length, cl_ord_id.at);
    const request *made = request_at(&of->flow, number);
    if (made == NULL || !made->is_pending) {
        if (once)
            fail("%s: ClOrdID %.*s is answered for the second time", of->comp_id,
                 (int)cl_ord_id.length, cl_ord_id.at);
        return;
    }
    if (made->due_ns >= of->tally->measured_from_ns)
        record(&of->tally->latency, at_ns - made->due_ns);
    of->tally->answered++;
    answered(&of->flow, number, by_order);
}

static void take_report(session *of, const message *report, int64_t at_ns) {
    char exec_type = report->exec_type.length == 1 ? *report->exec_type.at : '\0';
    if (exec_type == '\0' || report->cl_ord_id.length == 0 || report->ord_status.length == 0)
        fail("%s: an ExecutionReport without ExecType, OrdStatus or ClOrdID", of->comp_id);
    if (exec_type == 'F') {
        of->tally->fills++;
        int64_t number = number_of_request(&of->flow, report->cl_ord_id);
        if (number > 0 && *report->ord_status.at == '2')
            filled(&of->flow, number);
        return;
    }
    bool is_rejected = exec_type == '8';
    take_answer(of, report->cl_ord_id, !is_rejected, exec_type == '0' || is_rejected, at_ns);
    if (is_rejected)
        count_reject(&of->tally->rejects, report->said, "103", report->ord_rej_reason);
}

/* Fill what the venue asks for, for nothing is sent twice: what was lost stays unanswered. */
static void take_resend_request(session *of, const message *asked, int64_t at_ns) {
    int64_t begin = number_of(asked->begin_seq_no), end = number_of(asked->end_seq_no);
    int64_t next_out = of->next_out;
    if (begin < 1 || begin >= next_out)
        fail("%s: the venue asks for message %" PRId64 ", which was never sent", of->comp_id, begin);
    of->tally->resend_requests++;
    buffer *body = new_body(of);
    put_whole_field(body, "43=Y\001122=", sending_time());
    put_words(body, "123=Y\00136=");
    put_number(body, end > 0 && end < next_out ? end + 1 : next_out);
    put_words(body, "\001");
    of->next_out = begin;
    put_message(of, "4", body, at_ns);
    of->next_out = next_out;
}

static void take_other(session *of, const message *other, int64_t at_ns) {
    switch (*other->msg_type.at) {
    case '9':
        take_answer(of, other->cl_ord_id, false, true, at_ns);
        count_reject(&of->tally->rejects, other->said, "102", other->cxl_rej_reason);
        break;
    case 'j':
        take_answer(of, other->business_reject_ref_id, false, true, at_ns);
        count_reject(&of->tally->rejects, other->said, "380", other->business_reject_reason);
        break;
    case '3':
        count_reject(&of->tally->rejects, other->said, "373", other->session_reject_reason);
        break;
    case '1': {
        buffer *body = new_body(of);
        put_whole_field(body, "112=", other->test_req_id);
        put_message(of, "0", body, at_ns);
        break;
    }
    case '2':
        take_resend_request(of, other, at_ns);
        break;
    case '5':
        if (!of->is_leaving)
            fail("%s was logged out: %.*s", of->comp_id, (int)other->said.length, other->said.at);
        of->is_logged_out = true;
        break;
    }
}

/* Whether the message is the next; one that came before and is only said again is not looked at. */
static bool is_next(session *of, const message *came) {
    int64_t number = number_of(came->msg_seq_num);
    bool is_reset = *came->msg_type.at == '4';
    if (is_reset && number_of(came->new_seq_no) < of->next_in)
        fail("%s: a SequenceReset that does not go forward", of->comp_id);
    if (number < of->next_in && came->poss_dup.length && *came->poss_dup.at == 'Y')
        return false;
    bool fills_gap = came->gap_fill.length && *came->gap_fill.at == 'Y';
    if (number != of->next_in && !(is_reset && !fills_gap))
        fail("%s: MsgSeqNum %" PRId64 " came where %" PRId64 " was due", of->comp_id, number,
             of->next_in);
    of->next_in = is_reset ? number_of(came->new_seq_no) : number + 1;
    return true;
}

void take_message(session *of, const message *came, int64_t at_ns) {
    if (!is_next(of, came))
        return;
    char msg_type = *came->msg_type.at;
    if (!of->is_logged_on) {
        if (msg_type == '5')
            fail("logon as %s was refused: %.*s", of->comp_id,
                 came->said.length ? (int)came->said.length : 15,
                 came->said.length ? came->said.at : "no reason given");
        of->is_logged_on = msg_type == 'A';
    } else if (msg_type == '8' && came->msg_type.length == 1) {
        take_report(of, came, at_ns);
    } else {
        take_other(of, came, at_ns);
    }
}
