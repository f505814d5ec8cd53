-- KEYS: an account's index. ARGV: now, session id, absolute ms. Lists the session as hers; answers how many are listed.
redis.call('HSET', KEYS[1], ARGV[2], now)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('HLEN', KEYS[1])
