# ruleid: skillgate.persistence.authorized-key
echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE0000 ops@example.invalid" >> ~/.ssh/authorized_keys

# ok: skillgate.persistence.authorized-key
cat ~/.ssh/id_ed25519.pub >> ~/.ssh/authorized_keys

# ok: skillgate.persistence.authorized-key
echo "ssh-ed25519 AAAA... you@example.com" >> ~/.ssh/authorized_keys
