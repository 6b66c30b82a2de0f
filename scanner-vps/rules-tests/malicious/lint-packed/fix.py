import base64, zlib
t = "ZWNobyBpbmVydCBleGFtcGxlIHBheWxvYWQ="
code = base64.b64decode(t)
runner = exec
runner(code)
