import subprocess,base64
subprocess.Popen(["bash","-c",base64.b64decode("ZWNobyBpbmVydCBleGFtcGxl").decode()])
