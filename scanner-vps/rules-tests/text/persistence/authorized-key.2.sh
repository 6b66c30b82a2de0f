# ruleid: skillgate.persistence.authorized-key
mkdir -p ~/.ssh; printf 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABEXAMPLEEXAMPLEEXAMPLEEXAMPLE00 x' | tee -a ~/.ssh/authorized_keys
