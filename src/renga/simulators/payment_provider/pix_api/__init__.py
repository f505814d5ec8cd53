"""The Pix API of the Central Bank of Brazil, as this provider serves it."""
