-- ARGV 9: line, 10: save, restore or remove.
local line, change = ARGV[9], ARGV[10]
local from = (change == 'save' and 'l:' or 's:') .. line
local to = (change == 'save' and 's:' or 'l:') .. line
local held = redis.call('HGET', key, from)
if not held then return {'line_not_found'} end
local quantity, rest = parse(held)
local value = held
if change ~= 'remove' then
  local other = redis.call('HGET', key, to)
  if other then
    local more, other_rest = parse(other)
    quantity = quantity + more
    if change == 'restore' then move(line, other_rest, more, quantity) end
    if quantity > QUANTITY_MAX then return {'quantity_out_of_range', QUANTITY_MAX} end
    value = quantity .. other_rest
    bytes = bytes - #rest
  elseif change == 'restore' and lines >= LINES_MAX then
    return {'line_limit', LINES_MAX}
  end
  if change == 'save' then
    lines = lines - 1
  elseif not other then
    lines = lines + 1
  end
  if change == 'save' and not other then
    local saved = tonumber(redis.call('HGET', key, 'saved') or 0)
    if saved >= LINES_MAX then return {'line_limit', LINES_MAX} end
  end
  redis.call('HSET', key, to, value)
  if change == 'save' and not other then redis.call('HINCRBY', key, 'saved', 1) end
  if change == 'restore' then redis.call('HINCRBY', key, 'saved', -1) end
else
  bytes = bytes - #rest
  redis.call('HINCRBY', key, 'saved', -1)
end
redis.call('HDEL', key, from)
commit(line)
updated(change == 'save' and 'saved' or change == 'restore' and 'restored' or 'saved_removed', line)
return answer(line)
