const a: number = 1;
// ruleid: skillgate-canary-js
;__vs_canary("f000001");
