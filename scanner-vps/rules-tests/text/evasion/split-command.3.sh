# ruleid: skillgate.evasion.split-command
echo x | ba""se64 -d | sh
