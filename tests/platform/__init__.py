"""Tests of the platform's rooms."""
