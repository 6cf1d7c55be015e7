"""`venue doctor`: what is wrong with machine, configuration or data directory, and what to do.

`finding` is what is found; `machine` judges facts of the machine, `disk` the disk, `configuration`
what is configured, `start` what would stop the next start; `examination` runs all of them. Looks
only: nothing is changed but a scratch file for the time of the disk.
"""
