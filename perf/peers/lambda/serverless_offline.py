"""serverless-offline as a peer: what people run Lambda functions with on their own machines. Functions are worker
threads of its one process. Needs npm once, for the packages, which are kept beside this file."""
import os
import pathlib
import socket
import subprocess
import sys
import time

# The last framework that asks for no account, and the plugin's newest version: it runs with both.
PACKAGES = ["serverless@3.40.0", "serverless-offline@14.8.2"]
HERE = pathlib.Path(__file__).resolve().parent / "obj" / "serverless"
SERVICE = """
service: measured
provider: {{ name: aws, runtime: nodejs20.x, stage: dev, region: us-east-1 }}
plugins: [ serverless-offline ]
custom:
  serverless-offline:
    {{ host: 127.0.0.1, httpPort: {port}, lambdaPort: {lambda_port}, noPrependStageInUrl: true, noTimeout: true }}
functions:
  measured: {{ handler: index.handler, events: [ {{ httpApi: {{ path: "/{{path+}}", method: any }} }} ] }}
"""


def install():
    if (HERE / "node_modules" / "serverless-offline").exists():
        return
    HERE.mkdir(parents=True, exist_ok=True)
    (HERE / "package.json").write_text('{ "private": true }\n')
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--legacy-peer-deps", *PACKAGES],
        cwd=HERE, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("npm cannot install serverless-offline:\n" + done.stderr[-2000:])


def serve(function, port):
    """Its process, once it listens; it has not been asked anything yet."""
    install()
    (HERE / "serverless.yml").write_text(SERVICE.format(port=port, lambda_port=port + 1))
    (HERE / "index.mjs").write_text(function)
    environment = {**os.environ, "SLS_TELEMETRY_DISABLED": "1", "CI": "1"}
    process = subprocess.Popen(
        ["node", "node_modules/serverless/bin/serverless.js", "offline", "start"], cwd=HERE, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    sys.exit("serverless-offline does not listen")
