"""multiprocessing, subprocess and concurrent futures with hot work."""
# native: no
import concurrent.futures
import multiprocessing
import subprocess
import sys


def work(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def main():
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        print(pool.map(work, [1000, 2000, 3000]))
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        print(list(pool.map(work, range(1000, 1005))))
    code = "t = 0\nfor i in range(1000): t += i\nprint(t)"
    result = subprocess.run([sys.executable, "-c", code],
                            capture_output=True, text=True)
    print(result.stdout.strip(), result.returncode, repr(result.stderr))
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        print(pool.map(work, [500]))


if __name__ == "__main__":
    main()
