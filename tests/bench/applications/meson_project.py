"""A project without compilers configured and looked at."""
# install: meson ninja-build
# import: mesonbuild.mesonmain
# args: 250
import os
import sys
import tempfile

from mesonbuild import mesonmain

with tempfile.TemporaryDirectory() as folder:
    lines = ["project('bench')", "values = {}", "names = []"]
    for k in range(int(sys.argv[1])):
        lines += [f"conf{k} = configuration_data({{'a': {k}, 'b': 'text'}})",
                  f"if {k} % 3 == 0", f"  names += ['n{k}'.to_upper()]",
                  "else", f"  values += {{'k{k}': '@0@-@1@'.format({k}, 'x')}}",
                  "endif"]
    lines += ["foreach key, value : values",
              "  custom_target(key, output: key, command: ['true', value])",
              "endforeach", "message('-'.join(names).substring(0, 40))"]
    os.mkdir(os.path.join(folder, "src"))
    with open(os.path.join(folder, "src", "meson.build"), "w") as file:
        file.write("\n".join(lines) + "\n")
    os.chdir(folder)
    sys.stdout.flush()
    out = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    status = mesonmain.run(["setup", "build", "src"], sys.executable)
    sys.stdout.flush()
    os.dup2(out, 1)
    print(status, os.path.exists("build/build.ninja"))
    os.chdir("/")
