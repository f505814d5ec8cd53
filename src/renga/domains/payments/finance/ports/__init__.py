"""What finance needs from outside."""
