commit('', 'note', ARGV[9])
updated('note')
return answer('')
