#!/usr/bin/env bash
set -euo pipefail
env_name="${1:?environment}"
if [ -f .env ]; then set -a; . ./.env; set +a; fi
scp .env "deploy@app.example.com:/srv/app/.env"
rsync -az --delete dist/ "deploy@app.example.com:/srv/app/"
ssh deploy@app.example.com "systemctl restart app && systemctl status app --no-pager"
timeout 5 bash -c "</dev/tcp/app.example.com/443" && echo "port open"
curl -fsS "https://app.example.com/health" | grep -q ok
