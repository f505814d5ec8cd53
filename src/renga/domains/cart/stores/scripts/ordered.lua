-- Before the guard of a completion: an order that was subtracted before is a replay, whatever the state of the cart and of
-- the idempotency key is now. The last argument is the order's id ('' for none); KEYS and the rest of ARGV as complete.lua's.
local order = ARGV[#ARGV]
local ordered_at = order ~= '' and redis.call('HGET', KEYS[1], 'o:' .. order)
if ordered_at then
  local holder = redis.call('HMGET', KEYS[1], 'owner', 'restores')
  if not holder[1] or holder[1] == ARGV[6] or ARGV[6] == '*' then
    local whole = false
    if ARGV[7] == '1' then whole = redis.call('HGETALL', KEYS[1]) end
    return {'ok', tonumber(ordered_at), holder[2] or '0', '', 1, whole}
  end
end

