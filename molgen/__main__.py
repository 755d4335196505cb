"""``python -m molgen`` is ``molgen``."""

from molgen.cli.main import main

if __name__ == "__main__":
    main()
