"""The work of the ``renga`` commands, one module per group of commands; ``cli.py`` only parses arguments."""
