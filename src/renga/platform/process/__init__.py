"""Durable sagas: named steps, each with its undo, that any worker resumes where another one stopped."""
