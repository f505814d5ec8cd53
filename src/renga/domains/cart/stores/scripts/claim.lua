-- ARGV 9: the customer, 10: whether the customer is known to be in no group.
if owner == ARGV[9] then
  if ARGV[10] == '1' and string.find(price_key, '|', 1, true) then return {'terms_differ', price_key} end
  version = version - 1
  return answer('')
end
if owner then return {'cart_not_found'} end
commit('', 'owner', ARGV[9])
updated('claimed')
return answer('')
