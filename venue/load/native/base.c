#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    exit(1);
}

void *allocate(size_t count, size_t size) {
    void *items = calloc(count ? count : 1, size);
    if (items == NULL)
        fail("the load client has no memory left");
    return items;
}

void *grow(void *items, size_t count, size_t size) {
    items = realloc(items, count * size);
    if (items == NULL)
        fail("the load client has no memory left");
    return items;
}

char *more_room_for(buffer *to, size_t bytes) {
    if (to->begin > 0) {
        memmove(to->data, to->data + to->begin, to->end - to->begin);
        to->end -= to->begin;
        to->begin = 0;
    }
    if (to->room - to->end < bytes) {
        size_t room = to->room ? to->room : 4096;
        while (room - to->end < bytes)
            room *= 2;
        to->data = grow(to->data, room, 1);
        to->room = room;
    }
    return to->data + to->end;
}

void put_number(buffer *to, int64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(to, digits + at, sizeof digits - at);
}

bool starts_with(text value, text with) {
    return value.length >= with.length && memcmp(value.at, with.at, with.length) == 0;
}
