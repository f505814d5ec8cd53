"""Everything that can be wrong with where Renga runs, asked one by one; an answer that is not ok says what to mend."""

from renga.platform.doctor.check import Check
from renga.platform.doctor.examine import examine

__all__ = ["Check", "examine"]
