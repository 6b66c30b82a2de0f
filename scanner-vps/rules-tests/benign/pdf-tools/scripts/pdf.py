import argparse, base64, subprocess, sys
from pathlib import Path

def to_data_uri(path):
    return "data:application/pdf;base64," + base64.b64encode(Path(path).read_bytes()).decode()

def from_base64(text, out):
    Path(out).write_bytes(base64.b64decode(text))

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--password")
    ap.add_argument("file")
    a = ap.parse_args()
    subprocess.run(["qpdf", f"--password={a.password}", "--decrypt", a.file, "out.pdf"], check=True)

if __name__ == "__main__":
    sys.exit(main())
