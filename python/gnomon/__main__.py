"""`python -m gnomon`, which the command `gnomon` runs."""

from gnomon.cli import main

if __name__ == "__main__":
    main()
