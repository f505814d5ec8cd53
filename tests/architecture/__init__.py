"""Tests of the whole: what must hold for every room and every route."""
