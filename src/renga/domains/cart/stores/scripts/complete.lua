-- ARGV 9: how many, then pairs of line and the quantity that was ordered, then the used coupon codes separated by blanks,
-- then the order's id ('' for none). A field named after the order records that it was subtracted; the last ORDERS_MAX are kept.
local gone, fields = {}, {}
for i = 10, 9 + 2 * tonumber(ARGV[9]), 2 do
  local held = redis.call('HGET', key, 'l:' .. ARGV[i])
  if held then
    local before, rest = parse(held)
    local quantity = before - tonumber(ARGV[i + 1])
    if quantity > 0 then
      move(ARGV[i], rest, before, quantity)
      fields[#fields + 1] = 'l:' .. ARGV[i]
      fields[#fields + 1] = quantity .. rest
    else
      gone[#gone + 1] = 'l:' .. ARGV[i]
      lines = lines - 1
      bytes = bytes - #rest
    end
  end
end
if order ~= '' then
  local known, oldest, oldest_at = 0, nil, nil
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if string.sub(name, 1, 2) == 'o:' then
      known = known + 1
      local at = tonumber(redis.call('HGET', key, name))
      if not oldest or at < oldest_at then oldest, oldest_at = name, at end
    end
  end
  if known >= ORDERS_MAX then gone[#gone + 1] = oldest end
  fields[#fields + 1] = 'o:' .. order
  fields[#fields + 1] = version
end
local used, kept = ' ' .. ARGV[10 + 2 * tonumber(ARGV[9])] .. ' ', {}
if used ~= '  ' then
  for word in string.gmatch(redis.call('HGET', key, 'coupons') or '', '%S+') do
    if not string.find(used, ' ' .. word .. ' ', 1, true) then kept[#kept + 1] = word end
  end
  fields[#fields + 1] = 'coupons'
  fields[#fields + 1] = table.concat(kept, ' ')
end
commit('', unpack(fields))
if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
-- saved lines are the buyer's still: such a cart stays open
local saved = tonumber(redis.call('HGET', key, 'saved') or 0)
publish(outbox, 'CartCompleted', '{"cart_id":"' .. id .. '","version":' .. version .. ',"remaining":' .. lines ..
  ',"saved":' .. saved .. '}')
if lines == 0 and saved == 0 then
  redis.call('HSET', key, 'state', 'completed')
  redis.call('ZREM', deadlines, id)
  redis.call('PEXPIREAT', key, now + SAFETY_NET)
end
return answer('')
