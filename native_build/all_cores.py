"""Compilation on all cores and without debug information, of QuickFIX and of the core.

It may know setuptools' compiler, whose version the lock pins; it must never change how the code is
optimised.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def use_all_cores() -> None:
    """Let setuptools compile with `compile_on_all_cores` in this process."""
    import setuptools  # noqa: F401, I001 - first: it brings the distutils that builds
    from distutils.ccompiler import CCompiler

    setattr(CCompiler, "compile", compile_on_all_cores)  # noqa: B010


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
    The largest file goes first: it takes a third of the time, and the others fit beside it.
    """
    macros, objects, extra_postargs, pp_opts, build = self._setup_compile(
        output_dir, macros, include_dirs, sources, depends, extra_postargs
    )
    arguments = self._get_cc_args(pp_opts, debug, extra_preargs)
    last = [*extra_postargs, "-g0"]  # the last -g counts: no CFLAGS can bring it back

    def compile_one(name: str) -> None:
        source, suffix = build[name]
        self._compile(name, source, suffix, arguments, last, pp_opts)

    names = sorted(build, key=lambda name: Path(build[name][0]).stat().st_size, reverse=True)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as cores:
        list(cores.map(compile_one, names))  # raises a file's error; what waits is dropped
    return list(objects)
