# Turn a text file into a C string:
# cmake -DIN=FILE -DOUT=HEADER -DNAME=VARIABLE -P embed_text.cmake
get_filename_component(source "${IN}" NAME)
file(READ "${IN}" text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REGEX REPLACE "\n$" "" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE "${OUT}"
  "/* Made from ${source} by embed_text.cmake; do not edit. */\n"
  "static const char ${NAME}[] =\n    \"${text}\\n\";\n")
