# SPDX-License-Identifier: MIT
# stack.awk CALLS CI... -- the deepest stack of each process, from the frame sizes and calls that
# gcc -fcallgraph-info=su writes.
#
# CALLS (test/stack.calls) lists the processes with their limits, whom a call through a pointer
# may reach, and what a function of a library may take.  A function is FILE:NAME throughout.
# Prints a line a process; what is wrong with it, or with the list, on lines that begin with "!".

function fail(text) { if (!(text in said)) print "! " text; said[text] = 1 }

# From a node's or edge's title to FILE:NAME, once all nodes are known.
function name(title) { return title in where ? where[title] : title }

function library_bytes(f,   i) {
	for (i = 1; i <= nlibrary; i++)
		if (f ~ "^(" library[i] ")$")
			return allowance[i]
	fail("test/stack.calls: no library row for " f)
	return 0
}

# What a function that is reached from itself takes then; -1: it must not be.
function round(f,   i) {
	for (i = 1; i <= nnest; i++)
		if (f ~ "^(" nest[i] ")$")
			return more[i]
	return -1
}

function path(f,   i, text, short) {
	for (i = open_[f]; i <= nopen; i++) {
		short = opened[i]
		sub(/.*:/, "", short)
		text = text " -> " short
	}
	return text
}

# A round through a pointer is only thought possible, and counted once.
function by_name_alone(f, how,   i) {
	for (i = open_[f] + 1; i <= nopen; i++)
		how += reached[i]
	return how == 0
}

# The deepest below f, f included; deepest[] and next_[] are of one process at a time.
function depth(f, how,   n, i, t, d, best, via) {
	if (f in deepest)
		return deepest[f]
	if (f in open_) {
		d = round(f)
		if (d < 0 && by_name_alone(f, how))
			fail("recursion: " f path(f))
		return d < 0 ? 0 : d
	}
	if (f ~ stop)
		return 0
	if (!(f in bytes)) {
		deepest[f] = library_bytes(f)
		return deepest[f]
	}
	open_[f] = ++nopen
	opened[nopen] = f
	reached[nopen] = how
	best = 0
	n = split(callees[f], t, " ")
	for (i = 1; i <= n; i++) {
		d = depth(t[i], (f, t[i]) in by_pointer)
		if (d > best) {
			best = d
			via = t[i]
		}
	}
	delete open_[f]
	nopen--
	next_[f] = via
	return deepest[f] = bytes[f] + best
}

FILENAME ~ /stack\.calls$/ {
	sub(/#.*/, "")
	if ($1 == "library") {
		library[++nlibrary] = $2
		allowance[nlibrary] = $3
	} else if ($1 == "process") {
		process[++nprocess] = $2
		root[nprocess] = $3
		most[nprocess] = $4
		on[nprocess] = $5
		halt[nprocess] = $6
	} else if ($1 == "nest") {
		nest[++nnest] = $2
		more[nnest] = $3
	} else if (NF > 1) {
		caller[++ncalls] = $1
		target[ncalls] = $2
		for (i = 3; i <= NF; i++)
			target[ncalls] = target[ncalls] "|" $i
	}
	next
}

/^node: / {
	split($0, q, "\"")
	title = q[2]
	k = split(q[4], part, /\\n/)
	if (k < 3)
		next			# declared here, defined elsewhere
	file = part[2]
	sub(/:.*/, "", file)
	short = title
	sub(/.*:/, "", short)
	where[title] = file ":" short
	split(part[3], size, " ")
	bytes[file ":" short] = size[1]
	if (size[3] !~ /static|bounded/)
		fail(file ":" short " has a frame of no fixed size")
}

/^edge: / {
	split($0, q, "\"")
	nedge++
	from[nedge] = q[2]
	to[nedge] = q[4]
}

END {
	for (e = 1; e <= nedge; e++) {
		f = name(from[e])
		t = name(to[e])
		if (t == "__indirect_call") {
			indirect[f] = 1
		} else if (!((f, t) in have)) {
			have[f, t] = 1
			callees[f] = callees[f] " " t
			by_name[t] = 1
		}
	}
	for (f in indirect) {
		found = 0
		for (i = 1; i <= ncalls; i++) {
			if (f !~ "^(" caller[i] ")$")
				continue
			if (target[i] ~ /(^|\|)library($|\|)/) {
				callees[f] = callees[f] " br_"
				found = 1
			}
			for (t in bytes)
				if (!(t in by_name && target[i] ~ /\*/) && t != f && t ~ "^(" target[i] ")$") {
					callees[f] = callees[f] " " t
					by_pointer[f, t] = 1
					found = 1
				}
		}
		if (!found)
			fail("test/stack.calls: no row for the call through a pointer in " f)
	}
	for (p = 1; p <= nprocess; p++) {
		for (f in deepest)
			delete deepest[f]
		stop = halt[p] == "" ? "^$" : "^(" halt[p] ")$"
		d = depth(root[p], 0)
		for (i = 1; i < p; i++)
			if (process[i] == on[p])
				d += total[i]
		total[p] = d
		printf "%-10s %6d of %6d", process[p], d, most[p]
		for (f = root[p]; f in bytes; f = next_[f]) {
			short = f
			sub(/.*:/, "", short)
			printf " %s", short
		}
		printf "\n"
		if (d > most[p])
			fail("the stack of " process[p] " exceeds its limit of " most[p] " bytes: " d)
	}
}
