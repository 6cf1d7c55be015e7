"""`python -m tests.engine_versions`: records the present engine, unless its version is recorded."""

import sys

from tests.engine_versions.journals import AlreadyRecorded, record


def main() -> int:
    """Record it; the exit status."""
    try:
        print(record())
    except AlreadyRecorded as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
