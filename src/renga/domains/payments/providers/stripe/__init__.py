"""Stripe: PaymentIntents by the ``stripe`` package. Import it only where Stripe is in use: the package costs 30 MB."""
