"""The demo's function for Python. Change it while the gateway runs: the next answer is the new one."""
import json


def handler(event, context):
    greeting = "Hello, {}, from Python!".format(event["pathParameters"]["name"])
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"greeting": greeting, "requestId": context.aws_request_id}) + "\n",
    }
