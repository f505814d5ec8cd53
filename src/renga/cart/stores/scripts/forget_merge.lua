-- The source is gone for good: its field in the target has done its work. ARGV 3: source id.
redis.call('HDEL', KEYS[1], 'g:' .. ARGV[3])
return {'ok'}
