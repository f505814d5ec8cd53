#!lua
-- The head of every script that changes a cart: access, replay of a key, whether the cart has ended.
-- KEYS: the cart, its shard's outbox, its shard's deadlines.
-- ARGV: 1 now in ms (0: the server's clock), 2 cart id, 3 operation ('' for none), 4 fingerprint of its input,
--       5 accepted ETags separated by commas ('' for any), 6 caller ('' guest, '*' service, else a customer),
--       7 whether to return the whole cart, 8 the price key that the caller's prices are for ('' for any), 9… the operation's own.
-- A line is stored as '<quantity> <sequence> <price rows> <snapshot in JSON>'. Price rows are the price of one piece, and
-- those from a quantity on, ascending: '5990' or '5990,10:4990,50:3990'.
local LINES_MAX, QUANTITY_MAX, BYTES_MAX, COUPONS_MAX = $lines_max, $quantity_max, $bytes_max, $coupons_max
local OPERATIONS_BYTES_MAX, ORDERS_MAX = $operations_bytes_max, $orders_max
local ABANDONED_AFTER, TOMBSTONE, SAFETY_NET, MERGE_RETRY = $abandoned_after_ms, $tombstone_ms, $safety_net_ms, $merge_retry_ms

local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end

-- How often the cart was restored from its snapshot: distinguishes its events from those of lost versions.
local restored = '0'

local function publish(outbox, kind, data)
  redis.call('XADD', outbox, '*', 't', kind, 'm', now, 'd', data, 'r', restored)
end
