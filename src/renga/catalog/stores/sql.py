"""The statements of the PostgreSQL store. Documents travel as text, so no codec of the pool matters."""

OFFERS = "SELECT sku, offer::text FROM catalog.variants WHERE sku = ANY($1::text[])"

BY_SLUG = "SELECT slug, document::text FROM catalog.products WHERE slug = ANY($1::text[])"

OWNERS = """
SELECT v.sku, p.slug FROM catalog.variants v JOIN catalog.products p ON p.position = v.product
WHERE v.sku = ANY($1::text[])
"""

PAGE = "SELECT position, document::text FROM catalog.products WHERE position < $1 ORDER BY position DESC LIMIT $2"

SHELF_AND_BELOW = """
WITH RECURSIVE shelf AS (
    SELECT slug FROM catalog.categories WHERE slug = $1
    UNION SELECT c.slug FROM catalog.categories c JOIN shelf ON c.parent = shelf.slug
) SELECT slug FROM shelf
"""

# Each shelf gives at most one page from its index, so the cost does not grow with the number of products.
PAGE_OF_SHELVES = """
SELECT p.position, p.document::text
FROM (
    SELECT DISTINCT placed.product FROM unnest($1::text[]) AS shelf(slug)
    CROSS JOIN LATERAL (
        SELECT product FROM catalog.placements
        WHERE category = shelf.slug AND product < $2 ORDER BY product DESC LIMIT $3
    ) AS placed
    ORDER BY placed.product DESC LIMIT $3
) AS page JOIN catalog.products p ON p.position = page.product ORDER BY p.position DESC
"""

CATEGORIES = "SELECT document::text FROM catalog.categories ORDER BY position, slug"

PUT_CATEGORIES = """
INSERT INTO catalog.categories (slug, parent, position, document)
SELECT slug, parent, position, document::jsonb
FROM unnest($1::text[], $2::text[], $3::int[], $4::text[]) AS n(slug, parent, position, document)
ON CONFLICT (slug) DO UPDATE
SET parent = excluded.parent, position = excluded.position, document = excluded.document
WHERE categories.document IS DISTINCT FROM excluded.document
"""

# A new shelf goes behind the others.
ADD_MISSING_CATEGORIES = """
INSERT INTO catalog.categories (slug, position, document)
SELECT slug, last.position + nth, document || jsonb_build_object('position', last.position + nth)
FROM (
    SELECT n.slug, n.document::jsonb, row_number() OVER (ORDER BY n.place) AS nth
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n(slug, document, place)
    WHERE NOT EXISTS (SELECT FROM catalog.categories c WHERE c.slug = n.slug)
) AS missing
CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM catalog.categories) AS last
ON CONFLICT (slug) DO NOTHING
"""

INSERT_PRODUCTS = """
INSERT INTO catalog.products (id, slug, version, document)
SELECT id, slug, 1, document::jsonb
FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS n(id, slug, document, nth) ORDER BY nth
ON CONFLICT (slug) DO NOTHING RETURNING id::text, position
"""

UPDATE_PRODUCTS = """
UPDATE catalog.products p SET version = n.version, document = n.document::jsonb
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS n(id, version, document)
WHERE p.id = n.id AND p.version = n.version - 1 RETURNING p.id::text, p.position
"""

DROP_VARIANTS = "DELETE FROM catalog.variants WHERE product = ANY($1::bigint[])"
DROP_PLACEMENTS = "DELETE FROM catalog.placements WHERE product = ANY($1::bigint[])"

INSERT_VARIANTS = """
INSERT INTO catalog.variants (sku, product, offer)
SELECT sku, product, offer::jsonb FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n(sku, product, offer)
"""

INSERT_PLACEMENTS = """
INSERT INTO catalog.placements (category, product)
SELECT category, product FROM unnest($1::text[], $2::bigint[]) AS n(category, product)
"""

GET_MARK = "SELECT fingerprint, line, at_ms FROM catalog.import_mark"
CLEAR_MARK = "DELETE FROM catalog.import_mark"
PUT_MARK = """
INSERT INTO catalog.import_mark (fingerprint, line, at_ms) VALUES ($1, $2, $3)
ON CONFLICT (singleton) DO UPDATE SET fingerprint = excluded.fingerprint, line = excluded.line, at_ms = excluded.at_ms
"""
