"""Offers with all prices, channels, brand and categories, so that carts price a line by its terms without a second read."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: The members that an offer gains, in the form in which the catalogue writes them: defaults are omitted.
UP = """
UPDATE catalog.variants v
SET offer = v.offer || jsonb_strip_nulls(jsonb_build_object(
    'product_id', p.id,
    'brand', p.document->'brand',
    'categories', p.document->'categories',
    'plain_prices', CASE WHEN variant ? 'price_list' THEN variant->'prices' END,
    'price_list', variant->'price_list',
    'compare_at', variant->'compare_at',
    'publications', p.document->'publications',
    'channels', p.document->'channels',
    'availability', variant->'availability',
    'bundle', variant->'bundle'
))
FROM catalog.products p, jsonb_array_elements(p.document->'variants') AS variant
WHERE p.position = v.product AND variant->>'sku' = v.sku AND v.offer IS NOT NULL
"""

DOWN = """
UPDATE catalog.variants SET offer = offer - ARRAY[
    'product_id', 'brand', 'categories', 'plain_prices', 'price_list', 'compare_at', 'publications', 'channels',
    'availability', 'bundle'
] WHERE offer IS NOT NULL
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
