#!/bin/sh
# SPDX-License-Identifier: MIT
# mutant.sh -- read by scripts that have set b (the build), compile, link, libs, run and hours;
# bad is 1 after a mutant that passes.
# shellcheck disable=SC2034,SC2086,SC2154 # commands have words; the caller shares the variables
o=$b/test/mutants
mkdir -p $o
bad=0

# mutant NAME FILE SED: the file with that change must not pass.
mutant() {
	src=$o/$1.c
	sed -z "$3" "$2" >$src
	if cmp -s $src "$2"; then
		echo "not ok mutant $1 - the change does not apply to $2"
		bad=1
		return
	fi
	if ! { $compile -c -o $o/mutant.o $src &&
		$link -o $o/mutant $o/mutant.o $libs; } >$o/$1.log 2>&1; then
		echo "not ok mutant $1 - does not compile: $o/$1.log"
		bad=1
		return
	fi
	if SIM_BARE=1 SIM_DIR=$o timeout 120 $run $o/mutant 1 $hours >$o/$1.log 2>&1; then
		echo "not ok mutant $1 - it passes"
		bad=1
	else
		echo "ok mutant $1 # $(sed -n 's/^not ok [^ ]* - at [^:]*: \(r[^:]*: \)\?\([^:(]*\).*/\2/p' $o/$1.log |
			sort | uniq -c | sort -rn | sed 's/^ *\([0-9]*\) \(.*[^ ]\) *$/\2 (\1)/' |
			head -n 3 | paste -sd ';' | sed 's/;/; /g')"
	fi
}
