"""No number of a payment card enters: requests that have one are refused before anything is logged or stored."""
