-- Returns counts of these limits (unused ones, or because a limit in another slot refused). ARGV: cost, then per limit
-- the microseconds that a request costs.
for i = 1, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if held then
    redis.call('SET', KEYS[i], string.format('%.0f', held - ARGV[1] * ARGV[i + 1]), 'KEEPTTL')
  end
end
return 1
