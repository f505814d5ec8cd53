"""Payment providers: one package or module per provider."""
