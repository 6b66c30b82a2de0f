# ruleid: skillgate.evasion.ifs-command
cat$IFS/etc/passwd
