"""Prints "N passed, N failed" (and what was skipped) of a JUnit file; exit code 1 where a test failed or none ran."""
import sys
import xml.etree.ElementTree as ElementTree

status = {"run": "passed", "fail": "failed", "notrun": "skipped", "disabled": "skipped"}
counts = {"passed": 0, "failed": 0, "skipped": 0}
for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    counts[status[case.get("status", "run")]] += 1
if counts["skipped"]:
    print(f"{counts['skipped']} skipped: engines and facilities that this machine does not have")
print(f"{counts['passed']} passed, {counts['failed']} failed")
sys.exit(1 if counts["failed"] or not counts["passed"] else 0)
