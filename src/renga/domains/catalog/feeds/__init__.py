"""Products as others write them: JSON Lines of our own, Shopify's product CSV, Google's product feed."""
