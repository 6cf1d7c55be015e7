#include "connection.h"

#include "wire.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const int64_t LOGON_NS = 10 * NS_PER_SECOND, LOGOUT_NS = 2 * NS_PER_SECOND;
static const int64_t RECONNECT_NS = 2 * NS_PER_SECOND, PAUSE_NS = NS_PER_SECOND / 10;
enum { READ_BYTES = 1 << 16 };

bool flush(session *of) {
    size_t length = waiting(&of->out);
    if (length == 0)
        return true;
    ssize_t sent = send(of->fd, of->out.data + of->out.begin, length, MSG_NOSIGNAL);
    if (sent >= 0)
        take(&of->out, (size_t)sent);
    else if (of->is_leaving && errno != EAGAIN && errno != EINTR)
        of->is_logged_out = true; /* the venue ended the connection first */
    else if (errno != EAGAIN && errno != EINTR)
        fail("%s: the connection broke: %s", of->comp_id, strerror(errno));
    return waiting(&of->out) == 0;
}

static int64_t in_ns(struct timespec time) { return time.tv_sec * NS_PER_SECOND + time.tv_nsec; }

/* When the kernel received what was read at `at_ns`: then, if it does not say. Its clock can be set,
 * so nothing before `not_before_ns` is believed. */
static int64_t received_ns(struct msghdr *came, int64_t not_before_ns, int64_t at_ns) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(came); part != NULL; part = CMSG_NXTHDR(came, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp, now;
            memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
            clock_gettime(CLOCK_REALTIME, &now);
            int64_t received = at_ns - (in_ns(now) - in_ns(stamp));
            received = received > not_before_ns ? received : not_before_ns;
            return received < at_ns ? received : at_ns;
        }
    return at_ns;
}

/* Take what has come; false when the venue has closed the connection. */
static bool receive(session *of, int64_t not_before_ns) {
    buffer *in = &of->in;
    char control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec place = {.iov_base = room_for(in, READ_BYTES), .iov_len = READ_BYTES};
    struct msghdr came = {.msg_iov = &place,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof control};
    ssize_t length = recvmsg(of->fd, &came, 0);
    if (length == 0 || (length < 0 && errno == ECONNRESET))
        return false;
    if (length < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail("%s: the connection broke: %s", of->comp_id, strerror(errno));
        return true;
    }
    in->end += (size_t)length;
    int64_t at_ns = received_ns(&came, not_before_ns, now_ns()), whole;
    message found;
    while (waiting(in) > 0 && (whole = cut(in->data + in->begin, waiting(in), &found)) != 0) {
        if (whole < 0)
            fail("%s: a message that is garbled: BodyLength, CheckSum or a field is wrong",
                 of->comp_id);
        take_message(of, &found, at_ns);
        take(in, (size_t)whole);
    }
    return true;
}

void read_messages(session *of, int64_t not_before_ns) {
    if (receive(of, not_before_ns))
        return;
    if (!of->is_leaving)
        fail("%s: the venue closed the connection", of->comp_id);
    of->is_logged_out = true;
}

/* Wait for the socket; false when the time is over. */
static bool await(const session *of, short events, int64_t deadline_ns) {
    struct pollfd wanted = {.fd = of->fd, .events = events};
    int64_t left_ns = deadline_ns - now_ns();
    return left_ns > 0 && poll(&wanted, 1, (int)(left_ns / 1000000) + 1) > 0;
}

static void connect_to(session *of, const struct addrinfo *address, const char *where) {
    int error = 0, on = 1;
    for (; address != NULL; address = address->ai_next) {
        of->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (of->fd < 0)
            fail("no socket: %s", strerror(errno));
        error = connect(of->fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
        if (error == EINPROGRESS) {
            socklen_t size = sizeof error;
            error = ETIMEDOUT;
            if (await(of, POLLOUT, now_ns() + LOGON_NS))
                getsockopt(of->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        }
        if (error == 0) {
            setsockopt(of->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            setsockopt(of->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
            return;
        }
        close(of->fd);
    }
    fail("nothing listens on %s: %s", where, strerror(error));
}

/* One attempt; false when the venue closed the connection without a word. */
static bool is_let_in(session *of, int64_t deadline_ns) {
    of->next_in = of->next_out = 1;
    of->in.begin = of->in.end = of->out.begin = of->out.end = 0;
    buffer *body = new_body(of);
    put_words(body, "98=0\001108=");
    put_number(body, of->heartbeat_seconds);
    put_words(body, "\001141=Y\001553=");
    put_words(body, of->comp_id);
    put_whole_field(body, "\001554=", words(of->password));
    put_words(body, "9001=N\001");
    put_message(of, "A", body, now_ns());
    flush(of);
    while (!of->is_logged_on) {
        if (!await(of, POLLIN, deadline_ns))
            fail("%s: no answer to the logon", of->comp_id);
        if (!receive(of, now_ns()))
            return false;
    }
    return true;
}

void log_on(session *of, const struct addrinfo *address, const char *where) {
    int64_t begin_ns = now_ns();
    for (;;) {
        connect_to(of, address, where);
        if (is_let_in(of, now_ns() + LOGON_NS))
            return;
        close(of->fd);
        if (now_ns() - begin_ns > RECONNECT_NS)
            fail("%s: the venue closed the connection at logon: unknown CompID, or session already "
                 "connected",
                 of->comp_id);
        poll(NULL, 0, (int)(PAUSE_NS / 1000000)); /* its last connection may be ending only now */
    }
}

void log_out(session *of) {
    int64_t deadline_ns = now_ns() + LOGOUT_NS;
    of->is_leaving = true;
    put_message(of, "5", new_body(of), now_ns());
    while (!of->is_logged_out) {
        bool all_sent = flush(of);
        if (!await(of, all_sent ? POLLIN : POLLIN | POLLOUT, deadline_ns))
            break;
        read_messages(of, now_ns());
    }
    close(of->fd);
}
