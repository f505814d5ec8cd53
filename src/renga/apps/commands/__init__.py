"""What the commands of ``renga`` do, a module a family; ``cli.py`` only reads their arguments."""
