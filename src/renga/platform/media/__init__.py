"""The merchants' pictures: validated, stripped of metadata, stored by content hash, resized on demand."""
