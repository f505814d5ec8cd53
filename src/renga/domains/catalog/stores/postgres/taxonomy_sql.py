"""SQL statements for categories, collections and product types."""

#: The advisory lock for changes of the category tree (an arbitrary number).
TREE_LOCK = "SELECT pg_advisory_xact_lock(x'72656e67636174'::bigint)"

CATEGORIES = "SELECT document::text FROM catalog.categories ORDER BY position, slug"

SEED_CATEGORIES = """
INSERT INTO catalog.categories AS old (slug, parent, position, document)
SELECT slug, parent, position, document::jsonb
FROM unnest($1::text[], $2::text[], $3::int[], $4::text[]) AS n(slug, parent, position, document)
ON CONFLICT (slug) DO UPDATE
SET parent = excluded.parent, position = excluded.position, document = (excluded.document - 'version')
    || CASE old.version WHEN 0 THEN '{}' ELSE jsonb_build_object('version', old.version) END
WHERE old.document - 'version' IS DISTINCT FROM excluded.document - 'version'
"""

# Is $1 the category $2 itself, or above it?
STANDS_ABOVE = """
WITH RECURSIVE way AS (
    SELECT slug, parent FROM catalog.categories WHERE slug = $2
    UNION SELECT c.slug, c.parent FROM catalog.categories c JOIN way ON c.slug = way.parent
) SELECT EXISTS (SELECT FROM way), EXISTS (SELECT FROM way WHERE slug = $1)
"""

INSERT_CATEGORY = """
INSERT INTO catalog.categories (slug, version, parent, position, document) VALUES ($1, $2, $3, $4, $5::text::jsonb)
ON CONFLICT (slug) DO UPDATE
SET version = excluded.version, parent = excluded.parent, position = excluded.position, document = excluded.document
WHERE categories.version = excluded.version - 1 RETURNING slug
"""
UPDATE_CATEGORY = """
UPDATE catalog.categories SET version = $2, parent = $3, position = $4, document = $5::text::jsonb
WHERE slug = $1 AND version = $2 - 1 RETURNING slug
"""
DROP_CATEGORY = "DELETE FROM catalog.categories WHERE slug = $1 AND version = $2 RETURNING slug"
CLEAR_SHELF = "DELETE FROM catalog.placements WHERE shelf = $1"

COLLECTIONS = "SELECT (document - 'products')::text FROM catalog.collections ORDER BY slug"
COLLECTION = "SELECT document::text FROM catalog.collections WHERE slug = $1"
INSERT_COLLECTION = """
INSERT INTO catalog.collections (slug, version, by_rule, document) VALUES ($1, $2, $3, $4::text::jsonb)
ON CONFLICT (slug) DO NOTHING RETURNING slug
"""
UPDATE_COLLECTION = """
UPDATE catalog.collections SET version = $2, by_rule = $3, document = $4::text::jsonb
WHERE slug = $1 AND version = $2 - 1 RETURNING slug
"""
DROP_COLLECTION = "DELETE FROM catalog.collections WHERE slug = $1 AND version = $2 RETURNING slug"

# Also products that are sold nowhere and so have no placements.
FORGET_GATHERED = """
UPDATE catalog.products SET gathered = array_remove(gathered, $1) WHERE gathered @> ARRAY[$1::text] COLLATE "C"
"""

# Locked in a fixed order, so that two of these cannot deadlock.
GATHER = """
WITH named AS (
    SELECT n.id, n.version, coalesce(array_agg(c.slug ORDER BY c.slug) FILTER (WHERE c.slug IS NOT NULL), '{}') AS slugs
    FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS n(id, version, slugs)
    LEFT JOIN LATERAL jsonb_array_elements_text(n.slugs::jsonb) AS given(slug) ON true
    LEFT JOIN catalog.collections c ON c.slug = given.slug AND c.by_rule
    GROUP BY n.id, n.version
), held AS (
    SELECT p.position, named.version, named.slugs FROM catalog.products p JOIN named ON named.id = p.id
    WHERE p.gathered_version <= named.version ORDER BY p.position FOR UPDATE OF p
)
UPDATE catalog.products p SET gathered = held.slugs, gathered_version = held.version FROM held
WHERE p.position = held.position AND (p.gathered <> held.slugs OR p.gathered_version <> held.version)
RETURNING p.position
"""
DROP_GATHERED = "DELETE FROM catalog.placements WHERE product = ANY($1::bigint[]) AND starts_with(shelf, '@')"
PLACE_GATHERED = """
INSERT INTO catalog.placements (shelf, channel, product)
SELECT '@' || collection.slug, sold.channel, p.position
FROM catalog.products p CROSS JOIN unnest(p.gathered) AS collection(slug)
JOIN catalog.placements sold ON sold.product = p.position AND sold.shelf = ''
WHERE p.position = ANY($1::bigint[])
"""

PRODUCT_TYPES = "SELECT document::text FROM catalog.product_types ORDER BY code"
INSERT_PRODUCT_TYPE = """
INSERT INTO catalog.product_types (code, version, document) VALUES ($1, $2, $3::text::jsonb)
ON CONFLICT (code) DO NOTHING RETURNING code
"""
UPDATE_PRODUCT_TYPE = """
UPDATE catalog.product_types SET version = $2, document = $3::text::jsonb
WHERE code = $1 AND version = $2 - 1 RETURNING code
"""
DROP_PRODUCT_TYPE = "DELETE FROM catalog.product_types WHERE code = $1 AND version = $2 RETURNING code"
