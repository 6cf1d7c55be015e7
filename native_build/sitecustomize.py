"""Lets pip build QuickFIX on all cores; install.py alone puts this folder into PYTHONPATH.

Python loads a file of this name at start when its folder is in PYTHONPATH.
"""

import sys

if "build_wheel" in sys.orig_argv:  # the process in which pip builds, not pip itself
    from all_cores import use_all_cores

    use_all_cores()
