local key, outbox, deadlines = KEYS[1], KEYS[2], KEYS[3]
local id, operation, fingerprint, if_match, caller = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local meta = redis.call('HMGET', key, 'state', 'version', 'currency', 'owner', 'expires', 'life', 'lines', 'bytes',
  'seq', 'ops', 'restores', 'idle', 'into', 'price_key')
local state, version, currency, owner = meta[1], tonumber(meta[2]), meta[3], meta[4]
local expires, life = tonumber(meta[5]), tonumber(meta[6])
local lines, bytes, seq = tonumber(meta[7]), tonumber(meta[8]), tonumber(meta[9])
local operations, restores, idle = meta[10], meta[11] or '0', meta[12]
local price_key = meta[14] or 'web'
restored = restores

local function etag()
  if restores == '0' then return tostring(version) end
  return version .. '-' .. restores
end

-- What the operation did to unit prices: the currencies before and now, then line, price before and price now of each move.
local moves = {currency, currency}

local function answer(line, replayed, at)
  local whole = false
  if ARGV[7] == '1' then whole = redis.call('HGETALL', key) end
  if #moves > 2 then return {'ok', version, restores, line or '', 0, whole, moves} end
  return {'ok', at or version, restores, line or '', replayed and 1 or 0, whole}
end

if not state then return {'cart_not_found'} end
if owner and owner ~= caller and caller ~= '*' then return {'cart_not_found'} end
if operation ~= '' and operations then
  local _, at = string.find(operations, operation .. ' ', 1, true)
  if at then
    local seen, done_at, line = string.match(operations, '^(%S+) (%d+) (%S*)\n', at + 1)
    if seen ~= fingerprint then return {'idempotency_conflict'} end
    return answer(line, true, tonumber(done_at))
  end
end
if state == 'expired' then return {'cart_expired'} end
if state == 'merged' then return {'cart_merged'} end
if state == 'merging' then return {'cart_busy', meta[13]} end
if state == 'completed' then return {'cart_completed'} end
if now >= expires then return {'cart_expired'} end
if if_match ~= '' and not string.find(',' .. if_match .. ',', ',' .. etag() .. ',', 1, true) then
  return {'version_conflict', etag()}
end
if ARGV[8] ~= '' and ARGV[8] ~= price_key then return {'terms_differ', price_key} end
version = version + 1

-- The one place where a cart changes: its meta fields, the operation's record, the deadline and the safety net.
-- `line` is what the operation returns; the rest are fields to set.
local function commit(line, ...)
  expires = now + life
  if operation ~= '' then
    operations = (operations or '') .. operation .. ' ' .. fingerprint .. ' ' .. version .. ' ' .. (line or '') .. '\n'
    while #operations > OPERATIONS_BYTES_MAX do
      operations = string.sub(operations, string.find(operations, '\n', 1, true) + 1)
    end
    redis.call('HSET', key, 'ops', operations)
  end
  redis.call('HSET', key, 'state', 'open', 'version', version, 'updated', now, 'expires', expires,
    'lines', lines, 'bytes', bytes, 'seq', seq, ...)
  if idle then redis.call('HDEL', key, 'idle') end
  local deadline = expires
  if lines > 0 and now + ABANDONED_AFTER < expires then deadline = now + ABANDONED_AFTER end
  redis.call('ZADD', deadlines, deadline, id)
  redis.call('PEXPIREAT', key, expires + SAFETY_NET)
end

local function updated(change, line)
  local data = '{"cart_id":"' .. id .. '","version":' .. version .. ',"change":"' .. change .. '"'
  if line then data = data .. ',"line":"' .. line .. '"' end
  publish(outbox, 'CartUpdated', data .. '}')
end

-- Read one line of the arguments: line, quantity, the most that stock allows ('' for any), own price rows ('' for none),
-- snapshot, n, then n pairs of currency and price rows.
-- The own rows count when they are in the cart's currency (the caller gives '' when they are not).
local function argument(at)
  local spec = {line = ARGV[at], quantity = tonumber(ARGV[at + 1]), most = ARGV[at + 2], rows = ARGV[at + 3], snapshot = ARGV[at + 4]}
  local pairs_end = at + 5 + 2 * tonumber(ARGV[at + 5])
  if spec.rows == '' then
    spec.rows = false
    for i = at + 6, pairs_end, 2 do
      if ARGV[i] == currency then spec.rows = ARGV[i + 1] end
    end
  end
  return spec, pairs_end + 1
end

local function over_stock(spec, quantity)
  return spec.most ~= '' and quantity > tonumber(spec.most)
end

local function parse(value)
  local quantity, rest = string.match(value, '^(%d+)( .*)$')
  return tonumber(quantity), rest
end

-- The unit price of a quantity by its price rows.
local function price_of(rows, quantity)
  local price, breaks = string.match(rows, '^(%d+)(.*)$')
  if breaks ~= '' then
    for least, amount in string.gmatch(breaks, ',(%d+):(%d+)') do
      if quantity >= tonumber(least) then price = amount end
    end
  end
  return price
end

-- Remember the move if the line's unit price goes from one of its price rows to another. Returns the price now.
local function move(line, rest, before, after)
  local rows = string.match(rest, '^ %d+ (%S+)')
  local price = price_of(rows, after)
  if #rows > #price then
    local was = price_of(rows, before)
    if was ~= price then
      for _, part in ipairs({line, was, price}) do moves[#moves + 1] = part end
    end
  end
  return price
end
