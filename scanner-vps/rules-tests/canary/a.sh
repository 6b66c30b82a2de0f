a=1
# ruleid: skillgate-canary-bash
__vs_canary f000001
# ruleid: skillgate-canary-bash
__vs_canary f000002
# ok: skillgate-canary-bash
echo __vs_canary
# ok: skillgate-canary-bash
canary f000001
