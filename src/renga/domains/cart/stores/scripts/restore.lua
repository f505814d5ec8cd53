-- Restore a cart from its snapshot, unless it exists. KEYS: cart, -, deadlines. ARGV: now, id, when the key may expire
-- (ms), whether it has deadlines, then the fields. A long overdue cart is kept until the sweeper has expired it.
local key = KEYS[1]
if redis.call('EXISTS', key) == 1 then return 0 end
local fields = {}
for i = 5, #ARGV do fields[#fields + 1] = ARGV[i] end
redis.call('HSET', key, unpack(fields))
redis.call('HINCRBY', key, 'restores', 1)
if ARGV[4] == '1' then
  redis.call('ZADD', KEYS[3], redis.call('HGET', key, 'expires'), ARGV[2])
  redis.call('PEXPIREAT', key, math.max(tonumber(ARGV[3]), now + SAFETY_NET))
else
  redis.call('PEXPIREAT', key, ARGV[3])
end
return 1
