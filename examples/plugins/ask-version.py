#!/usr/bin/env python3
"""Asks for the version where an open issue names none."""

import json
import re
import sys


def main():
    told = json.load(sys.stdin)
    if told["protocol"] != 1:
        print(f"version {told['protocol']} of the protocol is not known here", file=sys.stderr)
        return 1
    issue, allowed = told["issue"], told["allowed"]
    version = re.search(r"\bv?\d+\.\d+(\.\d+)?\b", issue["title"] + "\n" + issue["body"])
    plan = []
    if version is None and issue["state"] == "open" and allowed.get("comment"):
        text = told["with"].get("text", "Which version do you use?")
        plan.append({"effect": "comment", "text": text})
    message = f"it names version {version.group()}" if version else "it names no version"
    json.dump({"protocol": 1, "plan": plan, "message": message}, sys.stdout)
    return 0


sys.exit(main())
