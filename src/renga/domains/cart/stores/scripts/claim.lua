if owner == ARGV[8] then
  version = version - 1
  return answer('')
end
if owner then return {'cart_not_found'} end
commit('', 'owner', ARGV[8])
updated('claimed')
return answer('')
