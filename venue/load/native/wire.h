/* FIX 4.4 as bytes: messages made, cut out of a stream and looked into. Knows no socket. */
#ifndef WIRE_H
#define WIRE_H

#include "base.h"

/* What the client looks at in a message; a field that is not there has no length. */
typedef struct {
    text msg_type, msg_seq_num, poss_dup, cl_ord_id, exec_type, ord_status, said;
    text cxl_rej_reason, ord_rej_reason, session_reject_reason, business_reject_reason;
    text business_reject_ref_id, test_req_id, begin_seq_no, end_seq_no, new_seq_no,
        gap_fill;
} message;

/* Length of the message at the start of these bytes, 0 while it is not whole, -1 when it is garbled:
 * BeginString, BodyLength or CheckSum wrong, or something that is no field. */
int64_t cut(const char *bytes, size_t length, message *found);

/* Content from MsgType(35) on, with BeginString, BodyLength and CheckSum around it. */
void put_framed(buffer *to, const buffer *content);

/* Value of a whole number, -1 when it is none. */
int64_t number_of(text digits);

#endif
