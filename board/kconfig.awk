# SPDX-License-Identifier: MIT
# kconfig.awk -- the Kconfig language's common subset in POSIX awk, so that a
# build from a ready .config needs nothing that a bare system lacks.
#
#	awk -v mode=MODE [-v infile=FILE] [-v outfile=FILE] -f kconfig.awk Kconfig
#
# MODE is olddefconfig, oldconfig (asks on standard input what FILE does not
# say), allnoconfig, allyesconfig: write a whole configuration to `outfile`;
# savedefconfig: only what differs from the defaults; header, make: what the
# compiler and make read.  Results equal kconfig-conf's; test/kconfig.sh
# compares them.  Understood: mainmenu menu comment if source config
# menuconfig choice; bool int string, def_bool, prompt, default, select,
# range, depends on, help.

BEGIN {
	bad = 0
	parse(ARGV[1], "", "")
	ARGC = 1
	if (bad)
		exit 1
	if (mode == "allnoconfig" || mode == "allyesconfig") {
		for (s in type)
			if (type[s] == "bool" && !(s in inchoice))
				user[s] = mode == "allyesconfig" ? "y" : "n"
		if (ENVIRON["KCONFIG_ALLCONFIG"] != "")
			load(ENVIRON["KCONFIG_ALLCONFIG"])
	} else if (infile != "")
		load(infile)
	if (mode == "oldconfig")
		ask()
	if (outfile == "")
		outfile = "/dev/stdout"
	write_all()
	close(outfile)
	exit bad
}

function fail(where, text) {
	print where ": " text >"/dev/stderr"
	bad = 1
}

function say(text) {
	print text >"/dev/stderr"
}

# ---- reading Kconfig files -------------------------------------------------

# The column of the first character that is not white space, tabs at 8.
function indent(s,	i, n, c) {
	n = 0
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\t")
			n += 8 - n % 8
		else if (c == " ")
			n++
		else
			return n
	}
	return -1
}

function trim(s) {
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

function both(a, b) {
	return a == "" ? b : b == "" ? a : a " " b " &&"
}

# The quoted string that s begins with; what follows it is left in `rest`.
function quoted(s,	i, c, q, r) {
	q = substr(s, 1, 1)
	r = ""
	for (i = 2; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == q)
			break
		if (c == "\\")
			c = substr(s, ++i, 1)
		r = r c
	}
	rest = trim(substr(s, i + 1))
	return r
}

# Split "VALUE if EXPR": returns VALUE, leaves EXPR in `rest`.
function value_if(s,	v) {
	if (s ~ /^["']/) {
		v = "\"" quoted(s)
	} else {
		v = s
		sub(/[ \t].*$/, "", v)
		rest = trim(substr(s, length(v) + 1))
		if (rest != "" && rest !~ /^if[ \t(]/) {	# an expression
			v = s
			rest = ""
			if (match(s, /[ \t]if[ \t(]/)) {
				v = substr(s, 1, RSTART - 1)
				rest = substr(s, RSTART + 1)
			}
		}
	}
	sub(/^if[ \t]*/, "", rest)
	return v
}

# An expression as postfix: "A !B && (C = 5)" -> `A B ! && C "5 = &&`.
function postfix(s,	t, o, n, op, ops, prev) {
	o = ""
	n = 0
	while ((s = trim(s)) != "") {
		if (s ~ /^["']/) {
			t = quoted(s)
			s = rest
			gsub(/ /, "\001", t)
			o = o " \"" t
			continue
		}
		if (match(s, /^(&&|\|\||!=|<=|>=|[=!()<>])/))
			;
		else if (!match(s, /^[A-Za-z0-9_.-]+/)) {
			fail(at, "cannot read the expression at '" s "'")
			return "n"
		}
		t = substr(s, 1, RLENGTH)
		s = substr(s, RLENGTH + 1)
		if (t ~ /^[A-Za-z0-9_.-]/) {
			o = o " " t
		} else if (t == "(" || t == "!") {
			ops[++n] = t
		} else if (t == ")") {
			while (n && ops[n] != "(")
				o = o " " ops[n--]
			n--
		} else {
			while (n && ops[n] != "(" && rank(ops[n]) >= rank(t))
				o = o " " ops[n--]
			ops[++n] = t
		}
	}
	while (n > 0)
		o = o " " ops[n--]
	return substr(o, 2)
}

function rank(op) {
	return op == "||" ? 1 : op == "&&" ? 2 : op == "!" ? 3 : 4
}

# Everything in `file`; dep is what the menus and ifs around it ask for.
function parse(file, dep, choice,	line, more, nr, w, a, cur, kind, n, i, \
	    helpcol, inhelp, stack, top, e, c) {
	nr = 0
	top = 0
	cur = ""
	kind = ""
	inhelp = 0
	while ((e = (getline line <file)) > 0) {
		nr++
		at = file ":" nr
		while (line ~ /\\$/ && (getline more <file) > 0) {
			nr++
			line = substr(line, 1, length(line) - 1) more
		}
		if (inhelp) {
			c = indent(line)
			if (c < 0 || helpcol < 0 && c > 0 || helpcol >= 0 && c >= helpcol) {
				if (c >= 0 && helpcol < 0)
					helpcol = c
				if (helpcol >= 0)
					help[cur] = help[cur] trim(line) "\n"
				continue
			}
			inhelp = 0
		}
		line = trim(line)
		if (line == "" || line ~ /^#/)
			continue
		w = line
		sub(/[ \t"'].*$/, "", w)
		a = trim(substr(line, length(w) + 1))
		sub(/[ \t]+#.*$/, "", a)
		if (w == "config" || w == "menuconfig") {
			cur = a
			kind = "config"
			entry("config", cur, dep)
			if (choice != "") {
				inchoice[cur] = choice
				members[choice] = members[choice] " " cur
			}
		} else if (w == "choice") {
			cur = "<choice" ++nchoice ">"
			stack[++top] = dep SUBSEP choice
			choice = cur
			kind = "choice"
			type[cur] = "bool"
			entry("choice", cur, dep)
		} else if (w == "menu" || w == "comment") {
			cur = ""
			if (w == "menu")
				stack[++top] = dep SUBSEP choice
			entry(w, quoted(a), dep)
			kind = w
		} else if (w == "if") {
			stack[++top] = dep SUBSEP choice
			dep = both(dep, postfix(a))
			kind = ""
		} else if (w == "endif" || w == "endmenu" || w == "endchoice") {
			if (!top)
				fail(at, w " without a beginning")
			split(stack[top--], c2, SUBSEP)
			dep = c2[1]
			choice = c2[2]
			if (w == "endmenu")
				entry("endmenu", "", dep)
			kind = ""
		} else if (w == "source") {
			kind = ""
			i = a ~ /^"/ ? quoted(a) : a
			parse(i, dep, choice)
		} else if (w == "mainmenu") {
			mainmenu = quoted(a)
		} else if (w == "help" || w == "---help---") {
			inhelp = 1
			helpcol = -1
		} else if (w == "depends") {
			sub(/^on[ \t]*/, "", a)
			e = postfix(a)
			if (kind == "choice" || kind == "menu")
				dep = both(dep, e)
			edep[nentry] = both(edep[nentry], e)
		} else if (kind != "config" && kind != "choice") {
			fail(at, "'" w "' is not understood here")
		} else if (w == "bool" || w == "int" || w == "string") {
			if (type[cur] != "" && type[cur] != w)
				fail(at, cur " is " type[cur] " elsewhere")
			type[cur] = w
			if (a != "")
				prompt_of(cur, a)
		} else if (w == "def_bool") {
			type[cur] = "bool"
			property("default", cur, a)
		} else if (w == "prompt") {
			prompt_of(cur, a)
		} else if (w == "default" || w == "select" || w == "range") {
			property(w, cur, a)
		} else
			fail(at, "'" w "' is not understood")
	}
	if (e < 0)
		fail(file, "cannot be read")
	close(file)
	if (top)
		fail(file, "a menu, choice or if is not ended")
}

function entry(kind, name, dep) {
	ekind[++nentry] = kind
	ename[nentry] = name
	edep[nentry] = dep
}

function prompt_of(s, a) {
	title[s] = quoted(a)
	property("prompt", s, "y " rest)
}

function property(kind, s, a,	n, v) {
	n = ++nprop[s, kind]
	if (kind == "range") {
		v = a
		sub(/[ \t].*$/, "", v)
		low[s, n] = v
		a = trim(substr(a, length(v) + 1))
	}
	v = value_if(a)
	pval[s, kind, n] = kind == "range" || kind == "select" ? v : postval(v)
	pcond[s, kind, n] = rest == "" ? "" : postfix(rest)
	pent[s, kind, n] = nentry
	if (kind == "select")
		selby[v] = selby[v] " " s SUBSEP n
}

# A default is a literal string (a quote in front) or a postfix expression.
function postval(v) {
	return v ~ /^"/ ? v : postfix(v)
}

# ---- what the symbols are worth --------------------------------------------

function eval(e,	t, n, i, st, sp, a, b) {
	if (e == "")
		return 1
	n = split(e, t, " ")
	sp = 0
	for (i = 1; i <= n; i++) {
		if (t[i] == "!") {
			st[sp] = truth(st[sp]) ? "\"n" : "\"y"
		} else if (t[i] ~ /^(&&|\|\||=|!=|<|>|<=|>=)$/) {
			b = st[sp--]
			a = st[sp]
			st[sp] = binary(t[i], a, b) ? "\"y" : "\"n"
		} else
			st[++sp] = t[i]
	}
	return truth(st[1])
}

function binary(op, a, b) {
	if (op == "&&")
		return truth(a) && truth(b)
	if (op == "||")
		return truth(a) || truth(b)
	a = word(a)
	b = word(b)
	if (op == "=")
		return a "" == b ""
	if (op == "!=")
		return a "" != b ""
	return op == "<" ? a + 0 < b + 0 : op == ">" ? a + 0 > b + 0 : \
	    op == "<=" ? a + 0 <= b + 0 : a + 0 >= b + 0
}

function truth(w) {
	if (w ~ /^"/ || w == "y" || w == "n" || !(w in type))
		return w == "\"y" || w == "y"
	return type[w] == "bool" && value(w) == "y"
}

function word(w) {
	if (w ~ /^"/) {
		w = substr(w, 2)
		gsub(/\001/, " ", w)
		return w
	}
	return w in type ? value(w) : w
}

function holds(s, kind, n) {
	return eval(edep[pent[s, kind, n]]) && eval(pcond[s, kind, n])
}

# Can the user set it now?
function visible(s,	i) {
	if (s in vis)
		return vis[s]
	vis[s] = 0
	for (i = 1; i <= nprop[s, "prompt"]; i++)
		if (holds(s, "prompt", i))
			vis[s] = 1
	return vis[s]
}

function selected(s,	n, i, a, p) {
	n = split(selby[s], a, " ")
	for (i = 1; i <= n; i++) {
		split(a[i], p, SUBSEP)
		if (value(p[1]) == "y" && holds(p[1], "select", p[2]))
			return 1
	}
	return 0
}

# The first default whose condition holds; `found` says whether there is one.
function fallback(s,	i, v, r) {
	r = type[s] == "bool" ? "n" : ""
	for (i = 1; i <= nprop[s, "default"]; i++)
		if (holds(s, "default", i)) {
			v = pval[s, "default", i]
			r = type[s] == "bool" ? (eval(v) ? "y" : "n") : word(v)
			found = 1
			return r
		}
	found = 0
	return r
}

function range_of(s,	i) {
	for (i = 1; i <= nprop[s, "range"]; i++)
		if (holds(s, "range", i)) {
			rlow = word(low[s, i]) + 0
			rhigh = word(pval[s, "range", i]) + 0
			return 1
		}
	return 0
}

function choice_default(c,	i, m, n, v) {
	for (i = 1; i <= nprop[c, "default"]; i++) {
		v = pval[c, "default", i]
		if (holds(c, "default", i) && visible(v))
			return v
	}
	n = split(members[c], m, " ")
	for (i = 1; i <= n; i++)
		if (visible(m[i]))
			return m[i]
	return ""
}

function chosen(c) {
	return (c in user) && visible(user[c]) ? user[c] : choice_default(c)
}

# The value; wr[s] says whether a configuration file names it.
function value(s,	v, got) {
	if (s in val)
		return val[s]
	if (s in busy) {
		fail("Kconfig", s " depends on itself")
		return "n"
	}
	busy[s] = 1
	wr[s] = visible(s)
	if (s in inchoice && visible(s)) {
		v = chosen(inchoice[s]) == s ? "y" : "n"
	} else if (visible(s) && (s in user)) {
		v = user[s]
	} else {
		v = fallback(s)
		if (found)
			wr[s] = 1
	}
	if (type[s] == "bool" && selected(s)) {
		wr[s] = 1
		v = "y"
	}
	if (type[s] == "int" && v != "" && range_of(s))
		v = v + 0 < rlow ? rlow : v + 0 > rhigh ? rhigh : v
	delete busy[s]
	return val[s] = v
}

function forget() {
	split("", val)
	split("", vis)
	split("", busy)
}

# ---- .config in ------------------------------------------------------------

function load(file,	line, nr, s, v, e) {
	nr = 0
	while ((e = (getline line <file)) > 0) {
		nr++
		at = file ":" nr
		sub(/\r$/, "", line)
		if (line ~ /^# CONFIG_[A-Za-z0-9_]+ is not set$/) {
			s = substr(line, 10, length(line) - 20)
			take(s, "n")
		} else if (line ~ /^CONFIG_[A-Za-z0-9_]+=/) {
			s = line
			sub(/=.*/, "", s)
			v = substr(line, length(s) + 2)
			take(substr(s, 8), v)
		} else if (line !~ /^[ \t]*(#.*)?$/)
			say(at ": not understood: " line)
	}
	close(file)
	if (e < 0) {
		fail(file, "cannot be read")
		return
	}
	forget()
	for (s in from)
		if (type[s] == "int" && (s in user) && range_of(s) && \
		    (user[s] + 0 < rlow || user[s] + 0 > rhigh)) {
			v = user[s]
			delete user[s]
			forget()
			say(from[s] ": CONFIG_" s "=" v " is outside " rlow \
			    ".." rhigh "; taking " value(s))
		}
	forget()
}

function take(s, v) {
	if (!(s in type)) {
		say(at ": CONFIG_" s " is not a symbol of this tree")
		return
	}
	if (type[s] == "bool" && v != "y" && v != "n" || \
	    type[s] == "int" && v !~ /^-?[0-9]+$/ || \
	    type[s] == "string" && v !~ /^".*"$/) {
		say(at ": CONFIG_" s "=" v " is not of type " type[s])
		return
	}
	if (type[s] == "string")
		v = quoted(v)
	from[s] = at
	if (s in inchoice) {
		known[s] = 1
		if (v == "y")
			user[inchoice[s]] = s
	} else
		user[s] = v
}

# ---- oldconfig: ask for what is new ----------------------------------------

function ask(	i, s, v, again) {
	do {
		again = 0
		for (i = 1; i <= nentry && !again; i++) {
			s = ename[i]
			if (ekind[i] == "config" && !(s in inchoice) && \
			    visible(s) && !(s in user) && !selected(s)) {
				v = answer(s, value(s))
				user[s] = v
				forget()
				again = 1
			} else if (ekind[i] == "choice" && visible(s) && \
			    !(s in user) && new_member(s)) {
				v = pick(s)
				user[s] = v
				forget()
				again = 1
			}
		}
	} while (again)
}

function new_member(c,	m, n, i) {
	n = split(members[c], m, " ")
	for (i = 1; i <= n; i++)
		if (visible(m[i]) && !(m[i] in known))
			return 1
	return 0
}

function answer(s, old,	line) {
	for (;;) {
		printf "%s (%s) [%s] (NEW) ", title[s], s, \
		    type[s] != "bool" ? old : old == "y" ? "Y/n/?" : "N/y/?"
		if ((getline line <"-") <= 0)
			line = ""
		print ""
		line = trim(line)
		if (line == "")
			return old
		if (line == "?")
			print help[s]
		else if (type[s] == "bool" && line ~ /^([yY]|[nN])$/)
			return tolower(line)
		else if (type[s] == "string")
			return line
		else if (type[s] == "int" && line ~ /^-?[0-9]+$/) {
			if (!range_of(s) || line + 0 >= rlow && line + 0 <= rhigh)
				return line
			print "allowed: " rlow ".." rhigh
		}
	}
}

function pick(c,	m, n, i, k, line, old) {
	n = split(members[c], m, " ")
	old = choice_default(c)
	for (;;) {
		print title[c]
		k = 0
		for (i = 1; i <= n; i++)
			if (visible(m[i]))
				printf "%s %d. %s (%s)\n", \
				    m[i] == old ? ">" : " ", ++k, title[m[i]], m[i]
		printf "choice[1-%d]: ", k
		if ((getline line <"-") <= 0)
			line = ""
		print ""
		line = trim(line)
		if (line == "")
			return old
		k = 0
		for (i = 1; i <= n; i++)
			if (visible(m[i]) && ++k == line)
				return m[i]
	}
}

# ---- out -------------------------------------------------------------------

function write_all(	i, s) {
	if (mode == "header")
		print "/* Made from the configuration; do not edit. */" >outfile
	else
		print "# " mainmenu (mode == "make" ? "" : \
		    ": made by make; change it with make menuconfig") >outfile
	for (i = 1; i <= nentry; i++) {
		s = ename[i]
		if (ekind[i] == "menu" && eval(edep[i]) && mode ~ /config$/ && \
		    mode != "savedefconfig")
			printf "\n# %s\n", s >outfile
		if (ekind[i] != "config" || s in written)
			continue
		value(s)
		if (!wr[s])
			continue
		written[s] = 1
		if (mode == "header")
			write_header(s)
		else if (mode == "make")
			print "CONFIG_" s " := " (val[s] == "n" ? "" : val[s]) >outfile
		else if (mode != "savedefconfig" || differs(s))
			write_config(s)
	}
}

function escaped(v) {
	gsub(/\\/, "\\\\", v)
	gsub(/"/, "\\\"", v)
	return "\"" v "\""
}

function write_config(s) {
	if (type[s] == "bool" && val[s] == "n")
		print "# CONFIG_" s " is not set" >outfile
	else
		print "CONFIG_" s "=" (type[s] == "string" ? \
		    escaped(val[s]) : val[s]) >outfile
}

function write_header(s) {
	if (type[s] != "bool")
		print "#define CONFIG_" s " " (type[s] == "string" ? \
		    escaped(val[s]) : val[s]) >outfile
	else if (val[s] == "y")
		print "#define CONFIG_" s " 1" >outfile
}

function differs(s) {
	if (!visible(s) || selected(s) || val[s] == fallback(s))
		return 0
	return !(s in inchoice && val[s] == "y" && choice_default(inchoice[s]) == s)
}
