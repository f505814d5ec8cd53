-- Remove a person's data from a cart in any state: owner, note, customer groups, and lines with options (the buyer's texts).
-- Nothing else changes, nor does the expiry. KEYS as in the prelude. ARGV: now, id, the customer. Returns 1 if the customer was the owner.
local key, id = KEYS[1], ARGV[2]
local meta = redis.call('HMGET', key, 'owner', 'state', 'version', 'lines', 'bytes', 'saved', 'restores', 'updated')
if not meta[1] or meta[1] ~= ARGV[3] then return 0 end
redis.call('HDEL', key, 'owner', 'note')
local version = tonumber(meta[3]) + 1
if meta[2] == 'expired' or meta[2] == 'merged' then
  redis.call('HSET', key, 'version', version)
  return 1
end
local terms = redis.call('HMGET', key, 'terms', 'price_key')
if terms[1] and terms[2] then
  redis.call('HSET', key, 'terms', (string.gsub(terms[1], '"groups":%[[^%]]*%]', '"groups":[]')),
    'price_key', string.match(terms[2], '^[^|]*'))
end
local lines, bytes, saved = tonumber(meta[4]), tonumber(meta[5]), tonumber(meta[6] or 0)
local flat = redis.call('HGETALL', key)
for i = 1, #flat, 2 do
  local kind = string.sub(flat[i], 1, 2)
  if kind == 'l:' or kind == 's:' then
    local rest, snapshot = string.match(flat[i + 1], '^%d+( %d+ %S+ (.*))$')
    if cjson.decode(snapshot).o then
      redis.call('HDEL', key, flat[i])
      bytes = bytes - #rest
      if kind == 'l:' then lines = lines - 1 else saved = saved - 1 end
    end
  end
end
redis.call('HSET', key, 'version', version, 'lines', lines, 'bytes', bytes, 'saved', saved)
restored = meta[7] or '0'
publish(KEYS[2], 'CartUpdated', '{"cart_id":"' .. id .. '","version":' .. version .. ',"change":"erased"}')
return 1
