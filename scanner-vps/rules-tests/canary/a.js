const a = 1;
// ruleid: skillgate-canary-js
;__vs_canary("f000001");
// ruleid: skillgate-canary-js
;__vs_canary("f000022");
// ok: skillgate-canary-js
canary("f000001");
// ok: skillgate-canary-js
// __vs_canary("f000001")
// ruleid: skillgate-canary-text
// __vs_canary_text_f000001
