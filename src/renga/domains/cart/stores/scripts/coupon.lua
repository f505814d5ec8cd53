-- ARGV 9: code, 10: apply or remove. Codes are kept in one field, separated by blanks.
local code, change = ARGV[9], ARGV[10]
local codes, kept, found = redis.call('HGET', key, 'coupons') or '', {}, false
for word in string.gmatch(codes, '%S+') do
  if word == code then found = true end
  if word ~= code or change == 'apply' then kept[#kept + 1] = word end
end
if change == 'apply' and not found then
  if #kept >= COUPONS_MAX then return {'coupon_limit', COUPONS_MAX} end
  kept[#kept + 1] = code
end
commit('', 'coupons', table.concat(kept, ' '))
updated(change == 'apply' and 'coupon_applied' or 'coupon_removed')
return answer('')
