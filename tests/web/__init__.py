"""Tests of the storefront over HTTP, with the contracts in memory."""
