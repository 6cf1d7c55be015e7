"""`python -m venue`: the command line, and how the venue starts its own processes."""

from venue.cli.main import main

if __name__ == "__main__":
    main()
