"""File formats of products: Renga's JSON Lines, Shopify's product CSV, Google's product feed."""
