/* The socket of a session, which never blocks: logged on, written, read, logged out. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "session.h"

#include <netdb.h>

/* Log on with 141=Y and 9001=N; what comes behind the Logon is taken too. */
void log_on(session *of, const struct addrinfo *address, const char *where);

/* Send what can be sent; whether nothing is left. */
bool flush(session *of);

/* Take what has come since `not_before_ns`, when there was nothing to read; an answer counts from the
 * moment at which the kernel received it, whenever it is read. */
void read_messages(session *of, int64_t not_before_ns);

/* Log out, wait a moment for the venue's Logout, and close. */
void log_out(session *of);

#endif
