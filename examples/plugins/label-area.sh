#!/bin/sh
# Labels an issue by the part of the code that it names. It looks for plain words; nothing that it reads is run or expanded.
told=$(cat)

case $told in
*'"label":[]'*) area= ;; # no label is allowed here
*src/parser*) area=parser ;;
*docs/*) area=docs ;;
*) area= ;;
esac

if [ -n "$area" ]; then
  printf '{"protocol": 1, "plan": [{"effect": "label", "add": ["area: %s"]}], "message": "it names the %s"}\n' "$area" "$area"
else
  echo '{"protocol": 1, "message": "it names no part that has a label"}'
fi
