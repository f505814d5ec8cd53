if owner == ARGV[9] then
  version = version - 1
  return answer('')
end
if owner then return {'cart_not_found'} end
commit('', 'owner', ARGV[9])
updated('claimed')
return answer('')
