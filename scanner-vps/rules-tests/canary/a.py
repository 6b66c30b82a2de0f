a = 1
# ruleid: skillgate-canary-python
__vs_canary("f000001")
# ruleid: skillgate-canary-python
__vs_canary("f1234567")
# ok: skillgate-canary-python
vs_canary("f000001")
# ok: skillgate-canary-python
print("__vs_canary")
# ruleid: skillgate-canary-text
# __vs_canary_text_f000777
# ok: skillgate-canary-text
# __vs_canary_text_f1
# ok: skillgate-canary-text
# vs_canary_text_f000001
