/* The load client: many sessions in one thread, open loop at a rate or closed loop with a window.
 *
 * Ctrl-C or SIGTERM ends a run: no more is sent, answers are waited for, what was measured is told,
 * and the sessions log out. The second one does not wait for answers. */
#include "connection.h"
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

static const int64_t START_NS = NS_PER_SECOND / 20, NS_PER_MS = NS_PER_SECOND / 1000;
static const int64_t UNREAD_NS = 250000, LONGEST_WAIT_MS = 500;
enum { MOST_BEFORE_READING = 64, MOST_EVENTS = 512, TIMER_SLACK_NS = 1000 };

static job work;
static tally counted;
static int poller;
static int64_t looked_ns; /* when the sockets were read last */
static volatile sig_atomic_t signals;

static void take_signal(int number) {
    (void)number;
    signals++;
}

/* The measured part of a run: from behind the warm-up, for so many seconds, or to a signal. */
typedef struct {
    int64_t end_ns, begun_ns, cpu_ns, sent, answered, fills, answered_before;
    bool is_over;
    outcome outcome;
} measure;

static int64_t own_cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * NS_PER_SECOND +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
}

static void begin_measure(measure *of, const run *run, int64_t begin_ns) {
    memset(of, 0, sizeof *of);
    memset(&counted.latency, 0, sizeof counted.latency);
    memset(&counted.late, 0, sizeof counted.late);
    memset(&counted.rejects, 0, sizeof counted.rejects);
    counted.resend_requests = 0;
    counted.measured_from_ns = begin_ns + run->warm_up_ns;
    of->end_ns = counted.measured_from_ns + run->measured_ns;
    of->answered_before = counted.answered;
}

/* Note where things stand when the measured part begins and when it ends. */
static void look(measure *of, int64_t at_ns) {
    if (signals && of->end_ns > at_ns) {
        of->end_ns = at_ns;
        of->outcome.is_ended_early = true;
    }
    if (of->begun_ns == 0 && at_ns >= counted.measured_from_ns) {
        of->begun_ns = at_ns;
        of->cpu_ns = own_cpu_ns();
        of->sent = counted.sent;
        of->answered = counted.answered;
        of->fills = counted.fills;
    } else if (at_ns >= of->end_ns && !of->is_over) {
        of->is_over = true;
        if (of->begun_ns == 0)
            return;
        of->outcome.seconds_ns = at_ns - of->begun_ns;
        of->outcome.cpu_ns = own_cpu_ns() - of->cpu_ns;
        of->outcome.sent = counted.sent - of->sent;
        of->outcome.answered = counted.answered - of->answered;
        of->outcome.fills = counted.fills - of->fills;
    }
}

static void want(session *of, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = of};
    if (epoll_ctl(poller, operation, of->fd, &event) != 0)
        fail("%s: cannot wait for the socket: %s", of->comp_id, strerror(errno));
}

/* Send what is in hand. */
static void send_all(void) {
    for (session *each = work.sessions; each < work.sessions + work.session_count; each++)
        if (waiting(&each->out) && flush(each) == each->awaits_room) {
            each->awaits_room = !each->awaits_room;
            want(each, EPOLL_CTL_MOD, each->awaits_room ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
}

/* Take what has come at `at_ns`, or comes within `wait_ms`. */
static void read_all(int64_t at_ns, int64_t wait_ms) {
    static int64_t kept_alive_ns;
    static struct epoll_event ready[MOST_EVENTS];
    int64_t looked_before_ns = looked_ns;
    looked_ns = at_ns;
    wait_ms = wait_ms < 0 ? 0 : wait_ms < LONGEST_WAIT_MS ? wait_ms : LONGEST_WAIT_MS;
    int count = epoll_wait(poller, ready, MOST_EVENTS, (int)wait_ms);
    for (int event = 0; event < count; event++)
        if (ready[event].events & ~(uint32_t)EPOLLOUT)
            read_messages(ready[event].data.ptr, looked_before_ns);
    if (at_ns - kept_alive_ns > NS_PER_SECOND) {
        kept_alive_ns = at_ns;
        for (session *each = work.sessions; each < work.sessions + work.session_count; each++)
            keep_alive(each, at_ns);
    }
}

static void sleep_until(int64_t due_ns) {
    struct timespec due = {.tv_sec = due_ns / NS_PER_SECOND, .tv_nsec = due_ns % NS_PER_SECOND};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* Send messages evenly, however slow the answers are; message n is due n / rate seconds after the
 * start, and late if sent later (venue/load/schedule.py). An answer wakes nobody, for the kernel notes
 * when it comes. Of packets that are read at once it tells the last one's time: so nothing stays unread
 * for more than UNREAD_NS. */
static void open_loop(const run *run, measure *measure) {
    int64_t begin_ns = now_ns() + START_NS, number = 0;
    __int128 rate = run->rate;
    int64_t whole_ns = run->warm_up_ns + run->measured_ns;
    int64_t count = (int64_t)((rate * whole_ns + NS_PER_SECOND / 2) / NS_PER_SECOND);
    begin_measure(measure, run, begin_ns);
    for (;;) {
        int64_t at_ns = now_ns();
        look(measure, at_ns);
        if (signals)
            count = number;
        if (number == count && measure->is_over)
            return;
        int64_t due = at_ns < begin_ns ? 0 : (int64_t)((at_ns - begin_ns) * rate / NS_PER_SECOND) + 1;
        due = due < count ? due : count;
        due = due < number + MOST_BEFORE_READING ? due : number + MOST_BEFORE_READING;
        for (; number < due; number++) {
            int64_t due_ns = begin_ns + (int64_t)(number * (__int128)NS_PER_SECOND / rate);
            send_request(&work.sessions[number % work.session_count], due_ns, at_ns);
            record(&counted.late, at_ns - due_ns);
        }
        int64_t next_ns = measure->end_ns;
        if (number < count)
            next_ns = begin_ns + (int64_t)(number * (__int128)NS_PER_SECOND / rate);
        if (next_ns > at_ns + UNREAD_NS)
            next_ns = at_ns + UNREAD_NS;
        send_all();
        if (next_ns - looked_ns > UNREAD_NS)
            read_all(at_ns, 0);
        sleep_until(next_ns);
    }
}

/* Keep `in_flight` messages of each session unanswered: as fast as the venue answers. */
static void closed_loop(const run *run, measure *measure) {
    begin_measure(measure, run, now_ns());
    for (;;) {
        int64_t at_ns = now_ns();
        look(measure, at_ns);
        if (measure->is_over)
            return;
        for (session *each = work.sessions; each < work.sessions + work.session_count; each++)
            while (each->flow.pending < run->in_flight)
                send_request(each, at_ns, at_ns);
        send_all();
        read_all(at_ns, (measure->end_ns - at_ns) / NS_PER_MS + 1);
    }
}

static int64_t all_pending(void) {
    int64_t pending = 0;
    for (session *each = work.sessions; each < work.sessions + work.session_count; each++)
        pending += each->flow.pending;
    return pending;
}

/* Wait for what is unanswered, then add up; whether everything was answered. */
static bool finish(measure *measure) {
    outcome *outcome = &measure->outcome;
    int64_t deadline_ns = now_ns() + work.answer_ns, at_ns;
    while ((at_ns = now_ns()) < deadline_ns && all_pending() > 0 && signals < 2) {
        send_all();
        read_all(at_ns, (deadline_ns - at_ns) / NS_PER_MS + 1);
    }
    for (session *each = work.sessions; each < work.sessions + work.session_count; each++)
        give_up(each, now_ns());
    outcome->answered_in_all = counted.answered - measure->answered_before;
    outcome->unanswered = all_pending();
    outcome->resend_requests = counted.resend_requests;
    write_outcome(outcome, &counted);
    return outcome->unanswered == 0;
}

static void log_all_on(void) {
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *address;
    char where[300];
    snprintf(where, sizeof where, "%s:%s", work.host, work.port);
    int error = getaddrinfo(work.host, work.port, &hints, &address);
    if (error != 0)
        fail("nothing listens on %s: %s", where, gai_strerror(error));
    for (session *each = work.sessions; each < work.sessions + work.session_count; each++) {
        each->tally = &counted;
        log_on(each, address, where);
        want(each, EPOLL_CTL_ADD, EPOLLIN);
    }
    freeaddrinfo(address);
}

int main(void) {
    struct sigaction action = {.sa_handler = take_signal};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
    read_job(&work);
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0)
        fail("no epoll: %s", strerror(errno));
    log_all_on(); /* until then a signal ends the program */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    bool is_well = true;
    for (int64_t number = 0; number < work.run_count && is_well && !signals; number++) {
        static measure measured;
        const run *run = &work.runs[number];
        if (run->rate > 0)
            open_loop(run, &measured);
        else
            closed_loop(run, &measured);
        is_well = finish(&measured);
    }
    for (session *each = work.sessions; each < work.sessions + work.session_count; each++)
        log_out(each);
    return 0;
}
