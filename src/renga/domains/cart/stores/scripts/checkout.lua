commit('')
redis.call('HSET', key, 'state', 'checkout')
publish(outbox, 'CheckoutStarted', '{"cart_id":"' .. id .. '","version":' .. version .. '}')
return answer('')
