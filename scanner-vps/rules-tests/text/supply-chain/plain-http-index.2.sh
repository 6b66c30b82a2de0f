# ruleid: skillgate.supply-chain.plain-http-index
npm install --registry http://npm.example.com pkg
