"""Lets pip build QuickFIX on all cores; install.py alone puts this folder into PYTHONPATH.

Python loads a file of this name at start when its folder is in PYTHONPATH.
"""

import sys

if "build_wheel" in sys.orig_argv:  # the process in which pip builds, not pip itself
    import setuptools  # noqa: F401, I001 - first: it brings the distutils that builds
    from distutils.ccompiler import CCompiler

    from all_cores import compile_on_all_cores

    CCompiler.compile = compile_on_all_cores
