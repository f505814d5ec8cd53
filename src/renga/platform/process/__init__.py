"""Durable sagas: named steps, each with its undo, which any worker resumes where another one stopped."""
