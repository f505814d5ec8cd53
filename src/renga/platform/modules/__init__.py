"""What a domain or a frontend declares of itself, so that nobody lists it by hand."""
