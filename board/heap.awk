# SPDX-License-Identifier: MIT
# heap.awk -- says who pulled the heap into a link that failed for it:
#	awk -v objdump=OBJDUMP -f heap.awk MAP MESSAGES
#
# The linker names the direct caller, which may lie deep in libc.  The map's
# list of archive members leads from there to the object of ours that began
# it, and that object's relocations to the function.

FNR == 1 { file++ }

# "MEMBER  CALLER (SYMBOL)", broken in two lines when MEMBER is long.
file == 1 && /^Memory Configuration/ { mapped = 1 }
file == 1 && !mapped && NF == 1 { member = $1 }
file == 1 && !mapped && NF >= 2 && $NF ~ /^\(.*\)$/ {
	if (NF == 3)
		member = $1
	caller[member] = $(NF - 1)
	wanted[member] = substr($NF, 2, length($NF) - 2)
}

file == 2 && /: in function / {
	object = $0
	sub(/: in function .*/, "", object)
	sub(/^.*: /, "", object)
}
file == 2 && match($0, /__wrap_[a-z_]+/) {
	symbol = substr($0, RSTART + 7, RLENGTH - 7)
	if (!seen[object, symbol]++)
		explain(object, symbol)
	next
}
file == 2 { other = other $0 "\n" }

function explain(object, symbol,	chain, line, n) {
	chain = symbol
	while (object ~ /\/lib(c|gcc|bearssl|mnl)\.a\(/ && (object in caller) && n++ < 30) {
		symbol = wanted[object]
		object = caller[object]
		chain = symbol " -> " chain
	}
	line = "heap: " short(object) ": " functions(object, symbol) " calls " chain
	# libmnl's archive holds calls that are never made: weak references,
	# which the linker counts only once something else wants the symbol.
	if (chain ~ /mnl_/)
		weak = weak line "\n"
	else
		print line
	bad++
}

function short(object) {
	if (match(object, /\([^)]*\)$/))
		return substr(object, RSTART + 1, RLENGTH - 2)
	return object
}

# The functions of the object that refer to the symbol.
function functions(object, symbol,	cmd, line, f, w, on, list, archive, got) {
	archive = object
	sub(/\([^)]*\)$/, "", archive)
	cmd = objdump " -r '" archive "' 2>/dev/null"
	while ((cmd | getline line) > 0) {
		split(line, w, " ")
		if (line ~ /file format/)
			on = archive == object || index(line, short(object) ":") == 1
		else if (line ~ /^RELOCATION RECORDS/) {
			f = w[4]
			gsub(/[^A-Za-z0-9_.]/, "", f)
			sub(/^\.text\.?/, "", f)
			sub(/^(startup|unlikely|hot|exit)\./, "", f)
			sub(/\..*/, "", f)	# a copy that the compiler made
		} else if (on && (w[3] == symbol || index(w[3], symbol "-") == 1 || \
		    index(w[3], symbol "+") == 1) && !got[f]++)
			list = list (list == "" ? "" : ", ") f "()"
	}
	close(cmd)
	return list == "" ? "something" : list
}

END {
	if (bad && weak != "" && bad == gsub(/\n/, "\n", weak))
		printf "%s", weak
	if (bad)
		print "The heap is not allowed here; what is called above must go."
	else
		printf "%s", other
}
