-- ARGV: now, id, operation, fingerprint, -, owner, whole, -, 9 currency, 10 life in ms, 11 region of the shop,
-- 12 price key ('' for the usual one), 13 terms in JSON ('' for none).
local key, outbox, deadlines = KEYS[1], KEYS[2], KEYS[3]
local id, operation, fingerprint = ARGV[2], ARGV[3], ARGV[4]
local function answer(version, restores, replayed)
  local whole = false
  if ARGV[7] == '1' then whole = redis.call('HGETALL', key) end
  return {'ok', version, restores, '', replayed, whole}
end
local held = redis.call('HMGET', key, 'state', 'born', 'restores')
if held[1] then
  if held[1] == 'expired' then return {'cart_expired'} end
  if operation == '' or held[2] ~= operation .. ' ' .. fingerprint then return {'idempotency_conflict'} end
  return answer(1, held[3] or '0', 1)
end
local life = tonumber(ARGV[10])
redis.call('HSET', key, 'state', 'open', 'version', 1, 'currency', ARGV[9], 'created', now, 'updated', now,
  'expires', now + life, 'life', life, 'lines', 0, 'bytes', 0, 'seq', 0, 'region', ARGV[11])
if operation ~= '' then redis.call('HSET', key, 'born', operation .. ' ' .. fingerprint) end
if ARGV[6] ~= '' then redis.call('HSET', key, 'owner', ARGV[6]) end
if ARGV[12] ~= '' then redis.call('HSET', key, 'price_key', ARGV[12]) end
if ARGV[13] ~= '' then redis.call('HSET', key, 'terms', ARGV[13]) end
redis.call('ZADD', deadlines, now + life, id)
redis.call('PEXPIREAT', key, now + life + SAFETY_NET)
publish(outbox, 'CartCreated', '{"cart_id":"' .. id .. '","version":1,"currency":"' .. ARGV[9] .. '"}')
return answer(1, '0', 0)
