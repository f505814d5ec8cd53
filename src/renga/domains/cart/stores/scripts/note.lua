commit('', 'note', ARGV[8])
updated('note')
return answer('')
