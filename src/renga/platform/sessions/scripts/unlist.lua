-- KEYS: an account's index. ARGV: now, grace ms, then session ids that were found dead. One that was listed within the
-- grace stays: its session may be about to be written, for the index is written first.
for i = 3, #ARGV do
  local listed = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or now)
  if now - listed >= tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1
