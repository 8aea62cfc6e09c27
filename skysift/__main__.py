"""``python -m skysift``: the command."""

from skysift.cli import main

main()
