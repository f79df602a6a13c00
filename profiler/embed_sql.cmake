# Turn schema.sql into a C string: cmake -DIN=... -DOUT=... -P embed_sql.cmake
file(READ "${IN}" text)
string(REGEX REPLACE "--[^\n]*\n" "" text "${text}")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE "${OUT}"
  "/* Made from schema.sql by embed_sql.cmake; do not edit. */\n"
  "static const char pyaot_schema_sql[] =\n    \"${text}\";\n")
