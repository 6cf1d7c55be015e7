/* What all parts of the load client use: time, growing bytes, and the one line that says why it ends. */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NS_PER_SECOND 1000000000LL

/* Bytes of something larger; they are not ended by a zero. */
typedef struct {
    const char *at;
    size_t length;
} text;

/* Bytes that are put at the end and taken from the beginning. */
typedef struct {
    char *data;
    size_t begin, end, room;
} buffer;

/* Monotonic, as the schedule has it. */
int64_t now_ns(void);

/* End with status 1 and this line on stderr; the connections end with the process. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* `count` zeroed items, or the same with more room; fails when there is no memory. */
void *allocate(size_t count, size_t size);
void *grow(void *items, size_t count, size_t size);

/* A place for at least `bytes` more at the end; `end` is moved by whoever fills it. */
char *more_room_for(buffer *to, size_t bytes);
static inline char *room_for(buffer *to, size_t bytes) {
    return to->room - to->end >= bytes ? to->data + to->end : more_room_for(to, bytes);
}

static inline size_t waiting(const buffer *from) { return from->end - from->begin; }

static inline void put(buffer *to, const char *bytes, size_t length) {
    memcpy(room_for(to, length), bytes, length);
    to->end += length;
}

static inline void put_text(buffer *to, text value) { put(to, value.at, value.length); }
static inline void put_words(buffer *to, const char *words) { put(to, words, strlen(words)); }
void put_number(buffer *to, int64_t number);

/* Forget `bytes` of the beginning. */
static inline void take(buffer *from, size_t bytes) {
    from->begin += bytes;
    if (from->begin == from->end)
        from->begin = from->end = 0;
}

static inline text words(const char *of) { return (text){of, strlen(of)}; }
bool starts_with(text value, text with);

#endif
