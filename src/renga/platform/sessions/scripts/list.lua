-- KEYS: an account's index. ARGV: now, session id, absolute ms. Adds the session to the index; returns how many it has.
redis.call('HSET', KEYS[1], ARGV[2], now)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('HLEN', KEYS[1])
