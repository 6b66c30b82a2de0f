import json, os, sys, urllib.request

url = os.environ["SLACK_WEBHOOK_URL"]
body = json.dumps({"text": sys.argv[1], "username": os.environ.get("BOT_NAME", "skill")}).encode()
urllib.request.urlopen(urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"}))
