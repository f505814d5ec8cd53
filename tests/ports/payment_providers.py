"""Every payment provider of this machine, with each of its methods, for the contract suite.

To put a provider under the suite, write a function that opens a ``ProviderLab`` and add it here.
"""

from tests.ports import payment_labs_pix as pix
from tests.ports import payment_labs_stripe as stripe
from tests.ports.payment_lab import Opener
from tests.ports.payment_labs_simulated import SIMULATED_CARDS, SIMULATED_LATER

#: Providers of cards.
CARDS: dict[str, Opener] = {
    "stripe on its double": stripe.stripe_on_the_double,
    "stripe with many captures": stripe.stripe_with_many_captures,
    "stripe on localstripe": stripe.stripe_on_localstripe,
    **SIMULATED_CARDS,
}
#: Methods that the buyer pays later, elsewhere.
LATER: dict[str, Opener] = {
    "pix on its double": pix.pix_on_the_double,
    "pix with a due date": pix.pix_with_a_due_date,
    "pix on the simulator": pix.pix_on_the_simulator,
    "due pix on the simulator": pix.due_pix_on_the_simulator,
    **SIMULATED_LATER,
}
OPENERS: dict[str, Opener] = CARDS | LATER
