"""What payments needs from outside."""
