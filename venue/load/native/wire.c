#include "wire.h"


static const char BEGIN[] = "8=FIX.4.4\0019=";
enum { BEGIN_BYTES = sizeof BEGIN - 1, TRAILER_BYTES = 7, LONGEST = 1 << 20, DIGITS_MAX = 18 };

static unsigned checksum(const char *bytes, size_t length) {
    unsigned sum = 0;
    for (size_t at = 0; at < length; at++)
        sum += (unsigned char)bytes[at];
    return sum & 0xFF;
}

static void write_trailer(char *at, unsigned sum) {
    memcpy(at, "10=000\001", TRAILER_BYTES);
    at[3] = (char)('0' + sum / 100);
    at[4] = (char)('0' + sum / 10 % 10);
    at[5] = (char)('0' + sum % 10);
}

int64_t number_of(text digits) {
    int64_t number = 0;
    if (digits.length == 0 || digits.length > DIGITS_MAX)
        return -1;
    for (size_t at = 0; at < digits.length; at++) {
        if (digits.at[at] < '0' || digits.at[at] > '9')
            return -1;
        number = number * 10 + (digits.at[at] - '0');
    }
    return number;
}

static text *field_of(message *of, int64_t tag) {
    switch (tag) {
    case 7: return &of->begin_seq_no;
    case 11: return &of->cl_ord_id;
    case 16: return &of->end_seq_no;
    case 34: return &of->msg_seq_num;
    case 35: return &of->msg_type;
    case 36: return &of->new_seq_no;
    case 39: return &of->ord_status;
    case 43: return &of->poss_dup;
    case 58: return &of->said;
    case 102: return &of->cxl_rej_reason;
    case 103: return &of->ord_rej_reason;
    case 112: return &of->test_req_id;
    case 123: return &of->gap_fill;
    case 150: return &of->exec_type;
    case 373: return &of->session_reject_reason;
    case 379: return &of->business_reject_ref_id;
    case 380: return &of->business_reject_reason;
    default: return NULL;
    }
}

/* Fields from `at` to `end`, each with its SOH; whether all are fields. */
static bool look_into(const char *at, const char *end, message *found) {
    memset(found, 0, sizeof *found);
    while (at < end) {
        const char *soh = memchr(at, '\001', (size_t)(end - at));
        int64_t tag = 0;
        const char *begin = at;
        if (soh == NULL)
            return false;
        while (at < soh && *at >= '0' && *at <= '9' && at - begin < DIGITS_MAX)
            tag = tag * 10 + (*at++ - '0');
        if (at == begin || at == soh || *at != '=')
            return false;
        text *field = field_of(found, tag);
        if (field != NULL && field->at == NULL)
            *field = (text){at + 1, (size_t)(soh - at - 1)};
        at = soh + 1;
    }
    return found->msg_type.length > 0 && number_of(found->msg_seq_num) >= 0;
}

int64_t cut(const char *bytes, size_t length, message *found) {
    if (memcmp(bytes, BEGIN, length < BEGIN_BYTES ? length : BEGIN_BYTES) != 0)
        return -1;
    size_t at = BEGIN_BYTES;
    int64_t body = 0;
    while (at < length && bytes[at] >= '0' && bytes[at] <= '9' && body < LONGEST)
        body = body * 10 + (bytes[at++] - '0');
    if (at >= length)
        return 0;
    if (bytes[at] != '\001' || at == BEGIN_BYTES || body >= LONGEST)
        return -1;
    const char *begin = bytes + at + 1, *trailer = begin + body;
    if ((size_t)(trailer - bytes) + TRAILER_BYTES > length)
        return 0;
    char expected[TRAILER_BYTES];
    write_trailer(expected, checksum(bytes, (size_t)(trailer - bytes)));
    if (memcmp(trailer, expected, TRAILER_BYTES) != 0 || !look_into(begin, trailer, found))
        return -1;
    return trailer + TRAILER_BYTES - bytes;
}

void put_framed(buffer *to, const buffer *content) {
    size_t length = waiting(content);
    room_for(to, BEGIN_BYTES + 20 + length + TRAILER_BYTES);
    size_t begin = waiting(to);
    put(to, BEGIN, BEGIN_BYTES);
    put_number(to, (int64_t)length);
    put(to, "\001", 1);
    put(to, content->data + content->begin, length);
    char *end = room_for(to, TRAILER_BYTES), *start = to->data + to->begin + begin;
    write_trailer(end, checksum(start, (size_t)(end - start)));
    to->end += TRAILER_BYTES;
}
