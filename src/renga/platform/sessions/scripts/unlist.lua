-- KEYS: an account's index. ARGV: now, grace ms, then ids of ended sessions. An entry added within the
-- grace stays: its session may not be written yet, because the index is written first.
for i = 3, #ARGV do
  local listed = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or now)
  if now - listed >= tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1
