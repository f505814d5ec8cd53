-- Set the terms, and the owner if one is given: every line gets the price rows of the new terms.
-- ARGV 9: the new owner ('' for none), 10 currency, 11 price key, 12 terms in JSON ('' for none), 13 and 14 owner and terms that
-- the change was made for ('*': any), 15 how many lines, then pairs of line and price rows, for the cart's lines and saved lines.
local claims = ARGV[9] ~= ''
local terms = redis.call('HGET', key, 'terms') or ''
if claims and owner and owner ~= ARGV[9] then return {'cart_not_found'} end
if (not claims or owner) and currency == ARGV[10] and terms == ARGV[12] then
  version = version - 1
  return answer('')
end
if ARGV[13] ~= '*' then
  if (owner or '') ~= ARGV[13] then return {'lines_differ'} end
  if claims and (currency ~= ARGV[10] or terms ~= ARGV[14]) then return {'lines_differ'} end
end
local new, fields = {}, {}
moves[2] = ARGV[10]
for i = 16, 15 + 2 * tonumber(ARGV[15]), 2 do new[ARGV[i]] = ARGV[i + 1] end
local flat = redis.call('HGETALL', key)
for i = 1, #flat, 2 do
  local kind = string.sub(flat[i], 1, 2)
  if kind == 'l:' or kind == 's:' then
    local line = string.sub(flat[i], 3)
    local rows = new[line]
    if not rows then return {'lines_differ'} end
    local quantity, sequence, old, snapshot = string.match(flat[i + 1], '^(%d+) (%d+) (%S+)( .*)$')
    local was, price = price_of(old, tonumber(quantity)), price_of(rows, tonumber(quantity))
    if kind == 'l:' and (was ~= price or currency ~= ARGV[10]) then
      for _, part in ipairs({line, was, price}) do moves[#moves + 1] = part end
    end
    bytes = bytes + #rows - #old
    fields[#fields + 1] = flat[i]
    fields[#fields + 1] = quantity .. ' ' .. sequence .. ' ' .. rows .. snapshot
  end
end
if bytes > BYTES_MAX then return {'cart_too_large', BYTES_MAX} end
if claims then
  fields[#fields + 1] = 'owner'
  fields[#fields + 1] = ARGV[9]
end
commit('', 'currency', ARGV[10], 'price_key', ARGV[11], 'terms', ARGV[12], unpack(fields))
updated(claims and not owner and 'claimed' or 'terms')
return answer('')
