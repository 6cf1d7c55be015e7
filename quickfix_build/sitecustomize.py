"""QuickFIX's compilation on all cores and without debug information; install.py alone uses it.

Python loads a file of this name at start when its folder is in PYTHONPATH. It may know setuptools'
compiler, whose version the lock pins; it must never change how the code is optimised.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FIRST_HEADER = Path("C++/config.h")
"""What nearly all of QuickFIX's files include first: a compiler that finds it precompiled beside
it reads that one, with all that stands in it, and the 60,000 lines of headers are parsed once."""
HEADERS = '#include "config.h"\n#include "Session.h"\n'


def compile_on_all_cores(
    self: Any,
    sources: list[str],
    output_dir: str | None = None,
    macros: list[Any] | None = None,
    include_dirs: list[str] | None = None,
    debug: bool = False,
    extra_preargs: list[str] | None = None,
    extra_postargs: list[str] | None = None,
    depends: list[str] | None = None,
) -> list[str]:
    """Compile each source file, as many at a time as there are cores.

    Takes the place of setuptools' `Compiler.compile`: same arguments, result and CompileError.
    The largest file goes first: it takes a third of the time and the others fit beside it.
    """
    macros, objects, extra_postargs, pp_opts, build = self._setup_compile(
        output_dir, macros, include_dirs, sources, depends, extra_postargs
    )
    arguments = self._get_cc_args(pp_opts, debug, extra_preargs)
    last = [*extra_postargs, "-g0"]  # the last -g counts: no CFLAGS can bring it back

    def precompile() -> None:
        headers = Path(next(iter(build))).with_name("headers.cpp")
        headers.write_text(HEADERS)
        how = [*arguments, "-x", "c++-header"]
        self._compile(f"{FIRST_HEADER}.gch", str(headers), ".cpp", how, last, pp_opts)

    def compile_one(name: str) -> None:
        source, suffix = build[name]
        self._compile(name, source, suffix, arguments, last, pp_opts)

    names = sorted(build, key=lambda name: Path(build[name][0]).stat().st_size, reverse=True)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as cores:
        largest = cores.submit(compile_one, names[0])
        try:
            if FIRST_HEADER.exists():
                cores.submit(precompile).result()
            list(cores.map(compile_one, names[1:]))
            largest.result()
        except BaseException:
            cores.shutdown(cancel_futures=True)  # the first error ends it, not the last file
            raise
    return list(objects)


if "build_wheel" in sys.orig_argv:  # the process in which pip builds, not pip itself
    import setuptools  # noqa: F401, I001 - first: it brings the distutils that builds
    from distutils.ccompiler import CCompiler

    CCompiler.compile = compile_on_all_cores
