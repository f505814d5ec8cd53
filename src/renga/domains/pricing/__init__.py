"""What it costs: promotions, coupons, taxes and the quote."""
