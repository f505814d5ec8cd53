local line = ARGV[9]
local held = redis.call('HGET', key, 'l:' .. line)
if not held then return {'line_not_found'} end
local quantity, rest = parse(held)
lines = lines - 1
bytes = bytes - #rest
redis.call('HDEL', key, 'l:' .. line)
commit(line)
publish(outbox, 'ItemRemovedFromCart', '{"cart_id":"' .. id .. '","version":' .. version .. ',"line":"' .. line
  .. '","sku":' .. string.match(rest, '{"s":("[^"]*")') .. ',"quantity":' .. quantity .. '}')
return answer(line)
