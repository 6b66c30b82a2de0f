import os
import requests

env = os.environ.copy()
token = env["EXAMPLE_AI_KEY"]
with open("report.pdf", "rb") as f:
    r = requests.post("https://api.ai.example.com/v1/files", headers={"Authorization": f"Bearer {token}"}, files={"file": f}, json={"team": env.get("TEAM")})
r.raise_for_status()
