#!/bin/sh
set -eu
tar czf - "$HOME/documents" | age -r "$RECIPIENT" > /var/backups/docs.tar.gz.age
rclone copy /var/backups remote:backups
