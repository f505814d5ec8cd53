"""SQL statements for products. Documents are passed as text, so they do not depend on the pool's codecs."""

#: The shelf (see README) of all products that are sold, and the prefix of the shelves of rule collections.
ALL_PRODUCTS = ""
GATHERED = "@"

OFFERS = "SELECT sku, offer::text FROM catalog.variants WHERE sku = ANY($1::text[]) AND offer IS NOT NULL"

BY_SLUG = "SELECT slug, document::text FROM catalog.products WHERE slug = ANY($1::text[])"

BY_ID = "SELECT id::text, document::text FROM catalog.products WHERE id = ANY($1::uuid[])"

BY_SKU = """
SELECT v.sku, p.document::text FROM catalog.variants v JOIN catalog.products p ON p.position = v.product
WHERE v.sku = ANY($1::text[])
"""

OWNERS = """
SELECT v.sku, p.slug FROM catalog.variants v JOIN catalog.products p ON p.position = v.product
WHERE v.sku = ANY($1::text[])
"""

SHELF_AND_BELOW = """
WITH RECURSIVE shelf AS (
    SELECT slug FROM catalog.categories WHERE slug = $1
    UNION SELECT c.slug FROM catalog.categories c JOIN shelf ON c.parent = shelf.slug
) SELECT slug FROM shelf
"""

# Each shelf gives at most one page from its index for the channel and one for "everywhere", so the cost does not grow with the
# number of products.
_OF_SHELVES = """
SELECT DISTINCT placed.product
FROM unnest($1::text[]) AS shelf(slug)
CROSS JOIN unnest(ARRAY['*', $2::text]) AS sold(channel)
CROSS JOIN LATERAL (
    SELECT product FROM catalog.placements
    WHERE shelf = shelf.slug AND channel = sold.channel AND product < $3 ORDER BY product DESC LIMIT $4
) AS placed
ORDER BY placed.product DESC LIMIT $4
"""
# One shelf without arrays: PostgreSQL keeps its plan, where the one above is planned anew by each call, which takes longer than
# to execute it.
_OF_SHELF = """
(
    SELECT product FROM catalog.placements
    WHERE shelf = $1 AND channel = '*' AND product < $3 ORDER BY product DESC LIMIT $4
) UNION (
    SELECT product FROM catalog.placements
    WHERE shelf = $1 AND channel = $2 AND product < $3 ORDER BY product DESC LIMIT $4
)
ORDER BY product DESC LIMIT $4
"""
_PAGE = (
    "SELECT {columns} FROM ({of}) AS page JOIN catalog.products p ON p.position = page.product ORDER BY p.position DESC"
)
# ``xmin`` is the transaction that wrote the row: it tells changes apart that no version counts, such as a restored backup.
_STAMP = "p.position, p.version, p.xmin"
_WHOLE = f"{_STAMP}, p.document::text"
SHELF_STAMPS = _PAGE.format(columns=_STAMP, of=_OF_SHELF)
SHELF_PAGE = _PAGE.format(columns=_WHOLE, of=_OF_SHELF)
SHELVES_STAMPS = _PAGE.format(columns=_STAMP, of=_OF_SHELVES)
SHELVES_PAGE = _PAGE.format(columns=_WHOLE, of=_OF_SHELVES)

OF_MERCHANTS = """
SELECT p.position, p.document::text
FROM (
    SELECT owned.position
    FROM unnest($1::text[]) AS owner(name)
    CROSS JOIN unnest($2::text[]) AS state(name)
    CROSS JOIN LATERAL (
        SELECT position FROM catalog.products
        WHERE merchant = owner.name AND status = state.name AND position < $3 ORDER BY position DESC LIMIT $4
    ) AS owned
    ORDER BY owned.position DESC LIMIT $4
) AS page JOIN catalog.products p ON p.position = page.position ORDER BY p.position DESC
"""

_NEWEST = """
SELECT position, document::text FROM catalog.products WHERE position < $1 {state} ORDER BY position DESC LIMIT $2
"""
NEWEST = _NEWEST.format(state="")
# The state is a literal, so that the planner can use the partial index.
NEWEST_IN: dict[str, str] = {
    "active": _NEWEST.format(state="AND status = 'active'"),
    "draft": _NEWEST.format(state="AND status <> 'active' AND status = 'draft'"),
    "archived": _NEWEST.format(state="AND status <> 'active' AND status = 'archived'"),
}

SCAN = "SELECT position, document::text FROM catalog.products WHERE position > $1 ORDER BY position LIMIT $2"

DUE = "SELECT document::text FROM catalog.products WHERE due_at <= $1 ORDER BY due_at LIMIT $2"

# A new category is positioned after the others.
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
INSERT INTO catalog.products (id, slug, version, document, merchant, status, type, due_at)
SELECT id, slug, 1, document::jsonb, merchant, status, type, due_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS n(id, slug, document, merchant, status, type, due_at, nth) ORDER BY nth
ON CONFLICT (slug) DO NOTHING RETURNING id::text, position, gathered
"""

UPDATE_PRODUCTS = """
UPDATE catalog.products p
SET version = n.version, document = n.document::jsonb, merchant = n.merchant, status = n.status, type = n.type,
    due_at = n.due_at
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS n(id, version, document, merchant, status, type, due_at)
WHERE p.id = n.id AND p.version = n.version - 1 RETURNING p.id::text, p.position, p.gathered
"""

DROP_VARIANTS = "DELETE FROM catalog.variants WHERE product = ANY($1::bigint[])"
DROP_PLACEMENTS = "DELETE FROM catalog.placements WHERE product = ANY($1::bigint[])"

INSERT_VARIANTS = """
INSERT INTO catalog.variants (sku, product, offer)
SELECT sku, product, offer::jsonb FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n(sku, product, offer)
"""

INSERT_PLACEMENTS = """
INSERT INTO catalog.placements (shelf, channel, product)
SELECT shelf, channel, product FROM unnest($1::text[], $2::text[], $3::bigint[]) AS n(shelf, channel, product)
"""

GET_MARK = "SELECT fingerprint, line, at_ms FROM catalog.import_mark"
CLEAR_MARK = "DELETE FROM catalog.import_mark"
PUT_MARK = """
INSERT INTO catalog.import_mark (fingerprint, line, at_ms) VALUES ($1, $2, $3)
ON CONFLICT (singleton) DO UPDATE SET fingerprint = excluded.fingerprint, line = excluded.line, at_ms = excluded.at_ms
"""
