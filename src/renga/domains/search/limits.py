"""Bounds of search's use cases."""

#: Members of a collection that a search within it looks at.
COLLECTION_MAX = 1_000
#: What the catalogue says of shelves and collections is asked for again after this long.
TAXONOMY_KEPT_MS = 15_000
#: What merchandisers ruled is read again after this long, whether or not news came.
STEERING_KEPT_S = 30.0
#: Ways to say the same that are searched for beside what was asked.
VARIANTS_MAX = 6
#: With fewer hits than this, a better word is offered.
FEW = 3
#: Products in one call of the catalogue and one batch of the index.
BATCH_MAX = 500
#: Texts without results that are kept in memory until they are written, and how often that is.
NOTHING_MAX, NOTHING_WRITE_S = 1_000, 5.0
SYNONYMS_MAX, SYNONYM_WORDS_MAX, SYNONYM_CHARS_MAX = 2_000, 20, 100
PINS_MAX = 100
FINDINGS_MAX = 100
#: How long until the demand for a product counts half, and the demand at which it is half as popular as can be.
DEMAND_HALF_LIFE_MS, DEMAND_HALF = 14 * 24 * 3600 * 1000, 20.0
