"""The merchants' pictures: checked, cleaned, kept by their content's hash, made smaller when asked for."""
