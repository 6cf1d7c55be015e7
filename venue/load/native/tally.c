#include "tally.h"


void record(quantiles *in, int64_t value) {
    int64_t bucket = value = value > 0 ? value : 0;
    int bits = value ? 64 - __builtin_clzll((unsigned long long)value) : 0;
    int shift = bits - BUCKET_BITS - 1;
    if (shift > 0)
        bucket = ((int64_t)shift << BUCKET_BITS) + (value >> shift);
    in->buckets[bucket]++;
    in->count++;
    if (value > in->most)
        in->most = value;
}

void count_reject(rejects *in, text said, const char *tag, text code) {
    char reason[REASON_BYTES];
    const char *space = said.length ? memchr(said.at, ' ', said.length) : NULL;
    int word = (int)(space != NULL ? space - said.at : (int64_t)said.length);
    snprintf(reason, sizeof reason, "%.*s%s%s=%.*s", word < 60 ? word : 60,
             said.at != NULL ? said.at : "", word ? " " : "", tag,
             code.length < 20 ? (int)code.length : 20, code.at != NULL ? code.at : "");
    int64_t kind = 0;
    while (kind < in->kinds && strcmp(in->reasons[kind], reason) != 0)
        kind++;
    if (kind == REASONS) {
        kind--;
        strcpy(in->reasons[kind], "ANY OTHER");
    } else if (kind == in->kinds) {
        strcpy(in->reasons[kind], reason);
        in->kinds++;
    }
    in->counts[kind]++;
}
