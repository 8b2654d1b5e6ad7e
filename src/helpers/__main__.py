"""`python -m helpers` is the same command as `course`."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
