#!/bin/sh
# SPDX-License-Identifier: MIT
# guest.sh -- what an emulated board runs: the unit tests of `unit`, then the tests of each
# *_test.sh; of those only what `words` names, when it names something.
cp /mnt/upkeepd /mnt/flow /bin/
ln -s upkeepd /bin/upkeepctl
words=$(cat /mnt/words)
[ ! -d /lib/modules ] || export IPVS_UNLOAD=1		# no test minds
# shellcheck source=test/board/lib.sh
. /mnt/lib.sh
case " $words " in
"  " | *" unit "* | *_test*)
	# shellcheck disable=SC2013 # words
	for u in $(cat /mnt/unit); do
		case " $words " in
		"  " | *" unit "* | *" $u "*) unit "/mnt/$u" ;;
		esac
	done
	;;
esac
for f in /mnt/*_test.sh; do
	# shellcheck disable=SC2086 # words
	[ ! -f "$f" ] || tests "$f" $words
done
exit "$failed"
