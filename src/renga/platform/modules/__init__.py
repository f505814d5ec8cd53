"""What a domain or a frontend declares about itself, in place of registries kept by hand."""
