"""A day in which each process is killed, time and again, and whose readers miss nothing."""
