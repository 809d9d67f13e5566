# SPDX-License-Identifier: MIT
# plot.gp -- gnuplot -e "dir='build/bench'" plot.gp: figures from the tables.
set terminal pngcairo size 900,600 font 'sans,10'
set datafile separator tab
set grid
set key left top
set style line 1 lc rgb '#0060ad' lw 2 pt 7 ps 0.6
set style line 2 lc rgb '#dd4422' lw 2 pt 5 ps 0.6

sel(file, test) = sprintf("< awk -F'\\t' 'NR > 1 && %s' %s/%s.tsv", test, dir, file)
rank(file, test, col) = sprintf("< awk -F'\\t' 'NR > 1 && %s {print $%d}' %s/%s.tsv | sort -g | awk '{a[NR]=$1} END {for (i=1;i<=NR;i++) print a[i] \"\\t\" 100*i/NR}'", test, col, dir, file)

set output dir.'/failover.png'
set multiplot layout 2,2 title 'Failover: first gratuitous ARP beyond Active\_Down\_Interval, share of rounds'
set xlabel 'ms'; set ylabel '%'; set logscale x; set yrange [0:100]
do for [c in "'1000 ms kill -9' '100 ms kill -9' '10 ms kill -9' '100 ms kill -9, busy'"] {
	set title "".c
	plot rank('failover', '$1 == "'.c.'" && $2 == "upkeepd"', 4) w steps ls 1 t 'upkeepd', \
	     rank('failover', '$1 == "'.c.'" && $2 == "keepalived"', 4) w steps ls 2 t 'keepalived'
}
unset multiplot

set output dir.'/jitter.png'
set multiplot layout 2,2 title 'Jitter of 1 s adverts of a MASTER, share of intervals'
set xlabel 'us'
do for [c in "'64 0' '255 0' '1020 0' '255 1'"] {
	n = word(c, 1); b = word(c, 2)
	set title "".n.' instances'.(b eq '1' ? ', beside two busy loops' : '')
	t(s) = '$1 == '.n.' && $2 == "master" && $3 == '.b.' && $4 == "'.s.'"'
	plot rank('jitter', t('upkeepd'), 5) w steps ls 1 t 'upkeepd', \
	     rank('jitter', t('keepalived'), 5) w steps ls 2 t 'keepalived'
}
unset multiplot

set output dir.'/cost.png'
unset ylabel
set key right top
set xrange [0.9:1200]
set yrange [*:*]
set multiplot layout 2,2 title 'Cost over instances'
set xlabel 'instances'; set logscale xy
do for [c in "'master 5 CPU\\ us' 'backup 5 CPU\\ us' 'master 6 calls' 'backup 6 calls'"] {
	r = word(c, 1); k = int(word(c, 2))
	set title "".r.': '.(k == 5 ? 'CPU us' : 'system calls').' per advert'
	t(s) = '$2 == "'.r.'" && $3 == 0 && $4 == "'.s.'"'
	plot sel('steady', t('upkeepd')) u 1:k w lp ls 1 t 'upkeepd', \
	     sel('steady', t('keepalived')) u 1:k w lp ls 2 t 'keepalived'
}
unset multiplot
