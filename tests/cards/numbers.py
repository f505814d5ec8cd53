"""Numbers for tests: those that payment providers publish for tests, and how people write them."""

from itertools import pairwise

#: By scheme; none of them can be charged.
TEST_NUMBERS = {
    "Visa": ("4242424242424242", "4000000000000002", "4000002500003155", "4222222222222"),
    "Mastercard": ("5555555555554444", "2223003122003222", "2720992593319364"),
    "American Express": ("378282246310005", "371449635398431"),
    "Diners Club": ("3056930009020004", "36227206271667", "30569309025904", "38520000023237"),
    "Discover": ("6011111111111117", "6011000990139424"),
    "JCB": ("3566002020360505",),
    "UnionPay": ("6200000000000005", "6205500000000000004"),
    "Maestro": ("6759649826438453", "6771798021000008", "5000550000000029"),
    "Elo": ("6362970000457013", "5066991111111118"),
    "Hipercard": ("6062826786276634",),
}
ALL = tuple(number for numbers in TEST_NUMBERS.values() for number in numbers)


def grouped(number: str, between: str = " ") -> str:
    """As it is printed on the card: 4-6-5 for 15 digits, else by four."""
    cuts = (0, 4, 10, 15) if len(number) == 15 else (*range(0, len(number), 4), len(number))
    return between.join(number[low:high] for low, high in pairwise(cuts) if low < high)


def gtin(body: str) -> str:
    """With its check digit."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)
