"""What the provider knows and decides, without storage or network."""
