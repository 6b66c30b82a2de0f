# ruleid: skillgate.supply-chain.plain-http-index
pip install --index-url http://packages.example.com/simple helper

# ok: skillgate.supply-chain.plain-http-index
pip install --index-url https://packages.example.com/simple helper

# ok: skillgate.supply-chain.plain-http-index
npm install --registry http://localhost:4873 pkg
