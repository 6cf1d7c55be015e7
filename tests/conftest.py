"""For all tests: a Ctrl-C reaches the processes they start, also where SIGINT came in ignored."""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
