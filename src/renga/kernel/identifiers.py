"""Marks texts of contracts that name things: skus, GTINs, telephone numbers, tax numbers, tracking numbers.

They may look like the number of a card, so they are exempt from the refusal of card numbers; every other text is not.
"""

from typing import Annotated

from msgspec import Meta

#: For ``Annotated[str, Meta(description=…), IDENTIFIER]``.
IDENTIFIER = Meta(extra={"identifier": True})
Identifier = Annotated[str, IDENTIFIER]
