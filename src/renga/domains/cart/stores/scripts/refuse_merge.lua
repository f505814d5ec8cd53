-- Give a merge up at its target, so that a caller who still holds the source's load comes too late. `done`: it is there already.
-- ARGV: now, target id, source id, the token of the source's freeze.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'ok'} end
if redis.call('HEXISTS', KEYS[1], 'g:' .. ARGV[3]) == 1 then return {'done'} end
if state == 'open' or state == 'checkout' or state == 'merging' then
  redis.call('HSET', KEYS[1], 'v:' .. ARGV[3] .. ':' .. ARGV[4], now)
end
return {'ok'}
