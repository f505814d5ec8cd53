"""Checks of the environment that Renga runs in; a check that is not ok says how to fix it."""

from renga.platform.doctor.check import Check
from renga.platform.doctor.examine import examine

__all__ = ["Check", "examine"]
