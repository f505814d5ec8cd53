"""Limits of the catalogue's values. Characters are Unicode code points; prices are minor units."""

from renga.kernel.sku import SKU_CHARACTERS_MAX

TITLE_CHARS_MAX = 500
DESCRIPTION_CHARS_MAX = 20_000
BRAND_CHARS_MAX = 200
SLUG_CHARS_MAX = 120
SKU_CHARS_MAX = SKU_CHARACTERS_MAX
IMAGE_CHARS_MAX = 2_000
OPTION_CHARS_MAX = 200
ATTRIBUTE_NAME_CHARS_MAX = 120
ATTRIBUTE_CHARS_MAX = 10_000

VARIANTS_MAX = 200
#: Of one object of a row, and problems of one row: beyond, it is refused without a word on each.
MEMBERS_MAX = 1_000
ROW_PROBLEMS_MAX = 200
CATEGORIES_MAX = 20
ATTRIBUTES_MAX = 500
OPTIONS_MAX = 10
LANGUAGES_MAX = 50
PRICES_MAX = 50
PRICE_MAX = 10**12
#: JSON readers keep integers exact up to here (RFC 8259 §6).
NUMBER_MAX = 2**53

CODE_CHARS_MAX = 60
MERCHANT_CHARS_MAX = 100
MEDIA_MAX = 50
PIXELS_MAX = 100_000
PUBLICATIONS_MAX = 50
PRICE_LIST_MAX = 100
QUANTITY_MAX = 1_000_000
SCHEDULED_MAX = 1_000
BUNDLE_PARTS_MAX = 100
#: A thousand tonnes.
WEIGHT_G_MAX = 10**9
MEASURE_MAX = 1_000_000
TAX_CODE_CHARS_MAX = 20
ATTRIBUTE_TYPES_MAX = 200
ENUM_OPTIONS_MAX = 1_000
ENUM_VALUES_MAX = 100
CONDITIONS_MAX = 50
CONDITION_VALUES_MAX = 200
COLLECTION_PRODUCTS_MAX = 5_000
#: How long old prices are kept (the law requires 30 days), how many per sku and currency, and how many per product; a series
#: always keeps at least two.
HISTORY_DAYS = 31
HISTORY_POINTS_MAX = 64
HISTORY_MAX = 4_000

#: Attempts of a write that conflicts with concurrent writes of the same product (optimistic-lock retries).
WRITE_ATTEMPTS_MAX = 5

ROW_BYTES_MAX = 1 << 20
ROWS_MAX = 1_000_000
#: Lines of a file, empty ones too.
FILE_LINES_MAX = 5_000_000
#: Compressed data may unpack to this many bytes whatever its size, and to this many times its size beyond (texts of products
#: pack 5 to 50 times, a gzip bomb 1,000 times).
UNPACKED_BYTES_FREE, UNPACKED_RATIO_MAX = 64 << 20, 200
PROBLEMS_KEPT_MAX = 20
#: An import writes this many products in one transaction, fewer if they are large.
BATCH_PRODUCTS_MAX = 500
BATCH_BYTES_MAX = 8 << 20
CHECK_CHUNK_ROWS = 1_000
OWNERS_CHUNK_SKUS = 5_000
#: Skus per look-up of a bundle's parts, which reads whole products.
PARTS_CHUNK_SKUS = 200
IGNORED_FIELDS_MAX = 50
#: An interrupted import can be continued this long; later it starts again (upserts, so nothing changes twice).
RESUME_WITHIN_MS = 24 * 3600 * 1000
